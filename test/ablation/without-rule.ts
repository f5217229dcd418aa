/** Takes the consistency rule out that the environment names, before the tests of a file run. */
import { RULES } from './rules';

const rule = RULES[process.env.WITHOUT_RULE ?? ''];
if (!rule) throw new Error(`there is no consistency rule "${process.env.WITHOUT_RULE}"`);
rule.applies = () => false;
