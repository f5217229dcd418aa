import { posix } from 'node:path';

/** A path that instances of other kinds have, and what Managed Instances have instead. */
interface ForeignPath {
  readonly path: string;
  readonly owner: string;
  readonly instead: string;
}

const docker = 'Docker';
const kubernetes = 'Kubernetes';
const optimizedImage = 'the ECS-optimized AMIs';
const socket = 'the socket of containerd is /var/run/containerd/containerd.sock';
const logFiles = 'DaemonVolume.logFiles() is a volume of the log files of the other tasks';
const metadata = 'the containers of a daemon read ${ECS_CONTAINER_METADATA_URI_V4}/tasks to know the tasks of the instance';

/** Managed Instances run containerd on an operating system of AWS's, without Docker, Kubernetes and the files of ECS-optimized AMIs. */
const foreignPaths: ForeignPath[] = [
  { path: '/var/run/docker.sock', owner: docker, instead: socket },
  { path: '/var/run/docker', owner: docker, instead: socket },
  { path: '/var/run/dockershim.sock', owner: docker, instead: socket },
  { path: '/usr/bin/docker', owner: docker, instead: socket },
  { path: '/var/lib/docker', owner: docker, instead: logFiles },
  { path: '/var/log/docker', owner: docker, instead: logFiles },
  { path: '/etc/docker', owner: docker, instead: 'there is no Docker to configure' },
  { path: '/var/log/ecs', owner: optimizedImage, instead: 'no log of the ECS agent is documented there' },
  { path: '/var/lib/ecs', owner: optimizedImage, instead: metadata },
  { path: '/etc/ecs', owner: optimizedImage, instead: metadata },
  { path: '/var/log/pods', owner: kubernetes, instead: logFiles },
  { path: '/var/log/containers', owner: kubernetes, instead: logFiles },
  { path: '/var/lib/kubelet', owner: kubernetes, instead: metadata },
  { path: '/etc/kubernetes', owner: kubernetes, instead: metadata },
  { path: '/var/run/crio', owner: 'CRI-O', instead: socket },
  { path: '/var/run/podman', owner: 'Podman', instead: socket },
  { path: '/cgroup', owner: optimizedImage, instead: 'the control groups are at /sys/fs/cgroup' },
];

/** Finds out whether a path belongs to what Managed Instances do not have; `/run` and `/var/run` are the same. */
export function foreignHostPath(path: string): ForeignPath | undefined {
  const plain = posix.normalize(path).replace(/^\/run\//, '/var/run/').replace(/(.)\/$/, '$1');
  return foreignPaths.find((foreign) => plain === foreign.path || plain.startsWith(`${foreign.path}/`));
}
