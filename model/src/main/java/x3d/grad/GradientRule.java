package x3d.grad;

/** How one operator passes gradients from its outputs to its inputs. */
@FunctionalInterface
interface GradientRule {
  void apply(Backward call);
}
