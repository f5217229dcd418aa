/** The direction of imports between rooms and inside them, checked by `npm run lint`. ARCHITECTURE.md explains it. */
const layersOf = (room, layers) => layers.map((layer, index) => ({
  name: `${room}/${layer}-imports-only-from-below`,
  comment: `${room}/${layer} must not import from: ${layers.slice(0, index).join(', ')}`,
  severity: 'error',
  from: { path: `^${room}/${layer}/` },
  to: { path: `^${room}/(${layers.slice(0, index).join('|') || '-'})/` },
}));

const independent = (room, allowed) => ({
  name: `${room}-is-independent`,
  comment: `${room} may import from no other room but: ${allowed ?? 'none'}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: '^(lib|lambda|sandbox|cli|simulation|timeline|test|examples|bench)/', pathNot: [`^${room}/`, ...allowed ? [allowed] : []] },
});

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: { path: '^(lib|lambda|sandbox|cli|simulation|timeline)/' }, to: { circular: true } },
    independent('lib', '^lambda/contract'),
    independent('lambda'),
    independent('sandbox', '^(timeline/|lambda/third-party\\.mjs$)'),
    { name: 'only-the-console-imports-the-timeline', severity: 'error', from: { path: '^sandbox/', pathNot: '^sandbox/(console/|build\\.mjs$)' }, to: { path: '^timeline/' } },
    { name: 'only-the-server-imports-the-console', severity: 'error', from: { path: '^sandbox/', pathNot: '^sandbox/(console/|server\\.ts$)' }, to: { path: '^sandbox/console/' } },
    independent('timeline'),
    independent('cli', '^(sandbox/|timeline/|lambda/third-party\\.mjs$)'),
    independent('simulation', '^(lib|lambda|sandbox)/'),
    { name: 'core-imports-no-service', severity: 'error', from: { path: '^sandbox/core/' }, to: { path: '^sandbox/', pathNot: '^sandbox/core/' } },
    ...layersOf('sandbox/cloudformation', ['api', 'engine', 'resource-providers', 'template']),
    ...layersOf('sandbox/ecs', ['api', 'daemon', 'fleet', 'task-definitions']),
    ...layersOf('sandbox/lambda', ['durable', 'runtime', 'functions']),
    ...layersOf('simulation', ['agreement', 'run', 'oracle', 'scenario', 'world']),
    ...layersOf('lambda/rollout', ['pollers', 'stages', 'consistency', 'guards', 'report', 'observe', 'facts', 'aws']),
    ...layersOf('lib', ['waves', 'daemon', 'provider', 'custom-resources', 'capacity-provider', 'task-definition', 'naming', 'validation']),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['\\.d\\.ts$', '/dist/', '\\.js$'] },
  },
};
