import type { PhaseName } from '../model';

/** The name of a phase for people, and its short form. */
export const PHASE_WORDS: Readonly<Record<PhaseName, readonly [string, string]>> = {
  PREFLIGHT: ['Checking', 'Check'], WAITING_TURN: ['Waiting for its turn', 'Waits'], APPLYING: ['Applying', 'Apply'],
  DEPLOYING: ['Deploying', 'Deploy'], BAKING: ['Baking', 'Bake'], ROLLING_BACK: ['Rolling back', 'Rollback'],
  DRAINING: ['Deleting', 'Delete'], STALLED: ['Stalled', 'Stall'],
};

export const phaseWord = (phase: PhaseName): string => PHASE_WORDS[phase][0];
