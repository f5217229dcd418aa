/** A path that instances of other kinds have, and what Managed Instances have instead. */
interface ForeignPath {
  readonly path: string;
  readonly owner: string;
  readonly instead: string;
}

const docker = 'Docker';
const optimizedImage = 'the ECS-optimized AMIs';
const socket = 'the socket of containerd is /var/run/containerd/containerd.sock';
const logFiles = 'a volume with logDriver JSON_FILE holds the log files of the other tasks';
const metadata = 'the containers of a daemon read ${ECS_CONTAINER_METADATA_URI_V4}/tasks to know the tasks of the instance';

/** Managed Instances run containerd on an operating system of AWS's choice, with neither Docker nor the paths of the ECS-optimized AMIs. */
const foreignPaths: ForeignPath[] = [
  { path: '/var/run/docker.sock', owner: docker, instead: socket },
  { path: '/var/run/docker', owner: docker, instead: socket },
  { path: '/var/lib/docker', owner: docker, instead: logFiles },
  { path: '/var/log/docker', owner: docker, instead: logFiles },
  { path: '/etc/docker', owner: docker, instead: 'there is no Docker to configure' },
  { path: '/var/log/ecs', owner: optimizedImage, instead: 'no log of the ECS agent is documented there' },
  { path: '/var/lib/ecs', owner: optimizedImage, instead: metadata },
  { path: '/etc/ecs', owner: optimizedImage, instead: metadata },
  { path: '/cgroup', owner: optimizedImage, instead: 'the control groups are at /sys/fs/cgroup' },
];

/** Finds out whether a path belongs to Docker or to the ECS-optimized AMIs; `/run` and `/var/run` are the same. */
export function foreignHostPath(path: string): ForeignPath | undefined {
  const plain = path.replace(/\/+/g, '/').replace(/^\/run\//, '/var/run/').replace(/(.)\/$/, '$1');
  return foreignPaths.find((foreign) => plain === foreign.path || plain.startsWith(`${foreign.path}/`));
}
