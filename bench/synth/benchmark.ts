/**
 * `npm run bench:synth`: what a synth of daemons costs, made by `ManagedDaemon`, by `CfnDaemon` and by a custom resource on the
 * CDK's Provider framework. `-- --quick` takes a minute on an idle machine: fewer rounds, and no large app with the validator on.
 */
import { availableParallelism } from 'node:os';
import { version as cdkVersion } from 'aws-cdk-lib/package.json';
import { measure, type Setting } from './measurement';
import { budgetTable, costTable, templateTable } from './report';

const quick = process.argv.includes('--quick');
const sizes = [1, 10, 200, 1000];
const sizesWithValidator = quick ? [1, 10] : sizes; // the validator takes 20 s of CPU for 200 daemons

const settings = (['off', 'on'] as const).flatMap((validator) => (validator === 'on' ? sizesWithValidator : sizes).map((daemons): Setting => {
  const isJudged = validator === 'off' && daemons === 1000;
  return { daemons, validator, rounds: isJudged ? (quick ? 3 : 9) : validator === 'off' && !quick ? 3 : 1 };
}));

console.log(`Node.js ${process.version}, aws-cdk-lib ${cdkVersion}, ${availableParallelism()} CPUs${quick ? ', quick' : ''}`);
const measurements = settings.map((setting) => {
  console.log(`${setting.daemons} daemons, validator ${setting.validator}, ${setting.rounds} times each …`);
  return measure(setting);
});

console.log(`\nSynth in a fresh process, construct to assembly: median ± half the interquartile range; ratios within each round\n\n${costTable(measurements)}`);
console.log(`\nTemplates\n\n${templateTable(measurements.filter(({ setting }) => setting.validator === 'off'))}`);
console.log(`\nBudgets\n\n${budgetTable(measurements)}`);
