/**
 * A Linux capability that `ecs.Capability` does not name. Each kernel has more: state them with `DaemonCapability.of()`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-privileged
 */
export class DaemonCapability {
  /** Loads BPF programs and maps into the kernel. */
  public static readonly BPF = DaemonCapability.of('BPF');

  /** Observes the performance of the system, as eBPF agents do. */
  public static readonly PERFMON = DaemonCapability.of('PERFMON');

  /** Reads and restores the state of processes. */
  public static readonly CHECKPOINT_RESTORE = DaemonCapability.of('CHECKPOINT_RESTORE');

  /** Reads the audit log of the kernel. */
  public static readonly AUDIT_READ = DaemonCapability.of('AUDIT_READ');

  /** Names a capability as the kernel does, in capital letters and without `CAP_`, for example `AUDIT_READ`. */
  public static of(name: string): DaemonCapability {
    return new DaemonCapability(name);
  }

  /** The name of the capability, without `CAP_`. */
  public readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }
}
