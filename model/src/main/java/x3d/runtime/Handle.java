package x3d.runtime;

import org.bytedeco.javacpp.Pointer;

/** A number that native code keeps for us as an address. */
final class Handle extends Pointer {
  Handle(long number) {
    address = number;
  }
}
