import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { capacityProviderIdentity, identity } from '../naming/token-identity';
import { checkClass, checkList } from '../validation/class-validation';
import { checkClassesOfCapacityProviders } from '../daemon/daemon-references';
import type { DaemonTarget, DaemonWave, ManagedDaemonWavesProps } from './managed-daemon-waves-props';
import { checkName } from '../naming/names';

/** Lists what is no object of the class that it should be: JavaScript lets it through. */
export function checkClassesOfWaves(props: ManagedDaemonWavesProps | undefined): (string | undefined)[] {
  const problems = checkList('waves', 'an object with waveName and targets', 'waveName', props?.waves);
  if (problems.some((problem) => problem !== undefined)) {
    return problems;
  }
  return props!.waves.flatMap(({ waveName, targets }) => checkClassesOfTargets(waveName, targets));
}

function checkClassesOfTargets(waveName: string, targets: DaemonTarget[]): (string | undefined)[] {
  const inWave = `targets of the wave ${JSON.stringify(waveName)}`;
  const problems = checkList(inWave, 'an object with targetName, cluster and capacityProviders', 'targetName', targets);
  return problems.some((problem) => problem !== undefined) ? problems : targets.flatMap(({ cluster, capacityProviders }) => [
    checkClass('cluster', 'an ecs.Cluster or another reference to a cluster', 'clusterRef', cluster),
    ...checkClassesOfCapacityProviders(capacityProviders),
  ]);
}

/** Lists what is wrong with waves beyond what is wrong with each of their daemons. */
export function checkWaves(scope: IConstruct, waves: DaemonWave[]): string[] {
  const targets = waves.flatMap((wave) => wave.targets);
  return [
    waves.length === 0 ? 'waves must have at least one entry, got: []' : undefined,
    ...waves.map(({ waveName }) => checkName('waveName', waveName)),
    ...repeated(waves.map(({ waveName }) => waveName)).map((name) =>
      `waveName must be given once among all waves, got more than once: ${JSON.stringify(name)}`),
    ...waves.filter((wave) => wave.targets.length === 0).map(({ waveName }) =>
      `targets of the wave ${JSON.stringify(waveName)} must have at least one entry, got: []`),
    ...targets.map(({ targetName }) => checkName('targetName', targetName)),
    ...repeated(targets.map(({ targetName }) => targetName)).map((name) =>
      `targetName must be given once among all waves, got more than once: ${JSON.stringify(name)}`),
    ...checkCapacityProvidersOfTargets(scope, targets),
    ...checkDaemonNames(scope, targets),
  ].filter((problem) => problem !== undefined);
}

/** The instances would run the same twice, and be drained for each of them. */
function checkCapacityProvidersOfTargets(scope: IConstruct, targets: DaemonTarget[]): string[] {
  return clashes(targets, (target) => new Map(target.capacityProviders.map(({ capacityProviderArn, _label: label }) =>
    [capacityProviderIdentity(scope, capacityProviderArn), label]))).map(({ label, names }) =>
    `each capacity provider must be in one target, got: ${JSON.stringify(label)} in ${names}`);
}

function checkDaemonNames(scope: IConstruct, targets: DaemonTarget[]): string[] {
  return clashes(targets, ({ cluster, daemonName }) => new Map(daemonName === undefined || Token.isUnresolved(daemonName) ? []
    : [[`${identity(scope, cluster.clusterRef.clusterArn)}/${daemonName}`, daemonName]])).map(({ label, names }) =>
    `daemonName must be given once in a cluster, got: ${JSON.stringify(label)} in ${names}`);
}

/** What several targets have, by what messages call it, with the names of those targets. */
function clashes(targets: DaemonTarget[], labelsOf: (target: DaemonTarget) => Map<string, string>): { label: string; names: string }[] {
  const holders = new Map<string, { readonly label: string; readonly names: string[] }>();
  for (const target of targets) {
    for (const [key, label] of labelsOf(target)) {
      const { names } = holders.get(key) ?? holders.set(key, { label, names: [] }).get(key)!;
      names.push(JSON.stringify(target.targetName));
    }
  }
  return [...holders.values()].filter(({ names }) => names.length > 1).map(({ label, names }) => ({ label, names: names.join(' and ') }));
}

const repeated = (names: string[]): string[] => [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
