import { DRAIN_RULES } from '../../lambda/rollout/consistency/drain';
import { PLAN_RULES } from '../../lambda/rollout/consistency/plan';
import { VERIFY_RULES } from '../../lambda/rollout/consistency/verify';
import { WATCH_RULES } from '../../lambda/rollout/consistency/watch';

const ALL = { ...PLAN_RULES, ...WATCH_RULES, ...VERIFY_RULES, ...DRAIN_RULES };

export type RuleName = keyof typeof ALL;

export const RULES: Readonly<Record<string, { applies: (read: never) => boolean }>> = ALL;
