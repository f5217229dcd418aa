import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candidates, type Candidate } from './candidates';
import type { Cost } from './synthesis';
import { sizeOf, type TemplateSize } from './template-size';

/** What is synthesized. */
export interface Setting {
  readonly daemons: number;
  /** The template validator that CDK runs by default. */
  readonly validator: 'off' | 'on';
  /** How many times each candidate is synthesized. */
  readonly rounds: number;
}

/** One synth of each candidate, one right after the other. */
export type Round = Record<Candidate, Cost>;

/** What all rounds of a setting took, and the templates, which are the same in each. */
export interface Measurement {
  readonly setting: Setting;
  readonly rounds: Round[];
  readonly sizes: Record<Candidate, TemplateSize>;
}

/** Synthesizes the candidates in turn, so that whatever else the machine does falls on all of them. */
export function measure(setting: Setting): Measurement {
  const sizes = new Map<Candidate, TemplateSize>();
  const rounds = Array.from({ length: setting.rounds }, (_, round) => {
    const turn = round % candidates.length;
    const order = [...candidates.slice(turn), ...candidates.slice(0, turn)];
    return Object.fromEntries(order.map((candidate) => {
      const { cost, size } = synthesize(candidate, setting);
      sizes.set(candidate, size);
      return [candidate, cost];
    })) as Round;
  });
  return { setting, rounds, sizes: Object.fromEntries(sizes) as Record<Candidate, TemplateSize> };
}

function synthesize(candidate: Candidate, { daemons, validator }: Setting): { cost: Cost; size: TemplateSize } {
  const directory = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  try {
    const outdir = join(directory, 'cdk.out');
    const resultFile = join(directory, 'cost.json');
    const command = ['--expose-gc', join(__dirname, 'synthesis.js'), candidate, String(daemons), outdir, resultFile];
    const { status, stderr } = spawnSync(process.execPath, command, {
      encoding: 'utf8',
      maxBuffer: Infinity,
      env: { ...process.env, CDK_VALIDATION: validator === 'on' ? 'true' : 'false' },
    });
    if (status !== 0) {
      throw new Error(`${candidate}, ${daemons} daemons: ${stderr}`);
    }
    const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
    return {
      cost: JSON.parse(readFileSync(resultFile, 'utf8')) as Cost,
      size: sizeOf(templates.map((file) => JSON.parse(readFileSync(join(outdir, file), 'utf8')))),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
