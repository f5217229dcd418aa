import Sequencer from '@jest/test-sequencer';

/** The test files for a mutant: those that have a test of it, the quick ones first, among which is the one about its own module. */
export default class QuickestFirst extends Sequencer {
  constructor(options) {
    super(options);
    this.pattern = new RegExp(options.globalConfig.testNamePattern ?? '', 'i');
  }

  sort(tests) {
    const isNeeded = ({ path }) => globalThis.testNames?.get(path)?.some((name) => this.pattern.test(name)) ?? true;
    return super.sort(tests).filter(isNeeded).sort((a, b) => (a.duration ?? 0) - (b.duration ?? 0));
  }
}
