/**
 * The Linux capabilities that ECS documents for daemons and `ecs.Capability` does not name.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html#managed-daemons-privileged
 */
export enum DaemonCapability {
  /** Loads BPF programs and maps into the kernel. */
  BPF = 'BPF',

  /** Observes the performance of the system, as eBPF agents do. */
  PERFMON = 'PERFMON',
}
