package x3d.serve.upload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.serve.admission.Admission;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;

/**
 * Fetches videos from hosts that the operator has listed, and from no others: not through a redirect, and not from a loopback or
 * private address that such a host's name leads to, unless that address is itself listed. Java keeps the address of a name for
 * a while ({@code networkaddress.cache.ttl}), so the one that was looked at is the one that is connected to.
 */
public final class UrlSource {
  private static final Logger LOG = LoggerFactory.getLogger(UrlSource.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_JSON = 16 * 1024;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(20);

  private final Set<String> hosts;
  private final Limits limits;
  private final HttpClient http = HttpClient.newBuilder()
      .followRedirects(HttpClient.Redirect.NEVER)
      .connectTimeout(CONNECT)
      .build();

  /** @param hosts names and addresses, as they stand in a URL, without ports */
  public UrlSource(Set<String> hosts, Limits limits) {
    this.hosts =
        hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    this.limits = limits;
  }

  /** The {@code url} of a request's JSON body. */
  static URI address(Context request, Admission.Place place, Limits limits) throws IOException {
    Body body = new Body(request, place, MOST_JSON, limits);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] buffer = new byte[MOST_JSON];
    for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
      text.write(buffer, 0, n);
    }
    try {
      JsonNode json = JSON.readTree(text.toByteArray());
      if (json != null
          && json.isObject()
          && json.size() == 1
          && json.path("url").isTextual()) {
        return new URI(json.get("url").textValue());
      }
    } catch (JsonProcessingException | URISyntaxException e) {
      // answered below
    }
    throw new Refusal(
        Problem.BAD_REQUEST, "the JSON body must be {\"url\": \"https://...\"} and nothing else");
  }

  /** @throws Refusal with 403 if the address may not be fetched, 502 if it cannot be, 413 if it is too large */
  void fetch(URI address, TemporaryArea.TemporaryFile file, Admission.Place place)
      throws IOException {
    URI next = address;
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      require(next);
      HttpResponse<InputStream> response = ask(next);
      try (InputStream in = response.body()) {
        closeAtDeadline(in, place);
        int status = response.statusCode();
        if (status == 200) {
          copy(in, file, place);
          return;
        }
        if (status < 300
            || status > 399
            || response.headers().firstValue("Location").isEmpty()) {
          throw unreachable("its host answers " + status);
        }
        next = redirected(next, response.headers().firstValue("Location").get());
      }
    }
    throw unreachable("it leads through more than " + MOST_REDIRECTS + " redirects");
  }

  private static URI redirected(URI from, String location) {
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw unreachable("it is redirected to what is no address");
    }
  }

  private HttpResponse<InputStream> ask(URI address) {
    try {
      return http.send(
          HttpRequest.newBuilder(address).timeout(ANSWER).build(), BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw unreachable("its host does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable("the server is stopping");
    }
  }

  private static Refusal unreachable(String reason) {
    return new Refusal(Problem.UNREACHABLE_URL, "the address cannot be fetched: " + reason);
  }

  private void require(URI address) {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
    boolean web = scheme.equals("http") || scheme.equals("https");
    if (!web || address.getRawUserInfo() != null || !hosts.contains(host)) {
      throw new Refusal(
          Problem.FORBIDDEN_URL,
          "only http and https addresses of hosts that this server's operator has listed are"
              + " fetched");
    }
    try {
      for (InetAddress found : InetAddress.getAllByName(host)) {
        if (!isPublic(found) && !hosts.contains(found.getHostAddress())) {
          throw new Refusal(
              Problem.FORBIDDEN_URL,
              "the host leads to an address that is not public and not listed");
        }
      }
    } catch (UnknownHostException e) {
      throw unreachable("its host is not known");
    }
  }

  /** Neither of this machine nor of a private network, and no address with another meaning. */
  static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    boolean special = bytes.length == 4
        ? first == 0 || first >= 240 || first == 100 && second >= 64 && second < 128
        : (first & 0xfe) == 0xfc; // unique local
    return !special
        && !address.isLoopbackAddress()
        && !address.isAnyLocalAddress()
        && !address.isLinkLocalAddress()
        && !address.isSiteLocalAddress()
        && !address.isMulticastAddress();
  }

  private void copy(InputStream in, TemporaryArea.TemporaryFile file, Admission.Place place)
      throws IOException {
    byte[] buffer = new byte[64 * 1024];
    for (int n = read(in, buffer, place); n >= 0; n = read(in, buffer, place)) {
      if (file.size() + n > limits.bytes()) {
        throw Body.tooLarge(limits.bytes());
      }
      file.write(buffer, 0, n);
    }
    file.finish();
  }

  private static int read(InputStream in, byte[] buffer, Admission.Place place) {
    place.check();
    try {
      return in.read(buffer);
    } catch (IOException e) {
      place.check();
      throw unreachable("its host stops sending");
    }
  }

  /** A read from a host that falls silent ends by nothing else. */
  private static void closeAtDeadline(InputStream in, Admission.Place place) {
    Executor later =
        CompletableFuture.delayedExecutor(place.left().toMillis() + 1, TimeUnit.MILLISECONDS);
    CompletableFuture.runAsync(
        () -> {
          try {
            in.close();
          } catch (IOException e) {
            LOG.debug("closed already", e);
          }
        },
        later);
  }
}
