/** What a synth may cost at most: as a ratio to the same with `CfnDaemon`, or as a number. */
export const budgets = {
  time: 1.25,
  memory: 1.25,
  templateBytes: 1.3,
  providerResources: 12,
  providerBytes: 12_500,
  passRolePolicies: 8,
} as const;
