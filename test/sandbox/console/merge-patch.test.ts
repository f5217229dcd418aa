import fc from 'fast-check';
import { merge, patchOf, type Json } from '../../../sandbox/console/merge-patch';

const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', '1'), fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.boolean(), fc.dictionary(fc.constantFrom('a', 'b', 'c', '1'), tie('value') as fc.Arbitrary<Json>)),
})).value as fc.Arbitrary<Json>, { noNullPrototype: true });

test('the patch of two objects makes the first into the second', () => {
  fc.assert(fc.property(object, object, (before, after) => {
    const target = structuredClone(before) as Record<string, Json>;
    merge(target, (patchOf(before, after) ?? {}) as Record<string, Json>);
    expect(target).toEqual(after);
  }));
});

test('equal objects have no patch', () => {
  fc.assert(fc.property(object, (value) => {
    expect(patchOf(value, structuredClone(value))).toBeUndefined();
  }));
});

test('a patch has what has changed only', () => {
  expect(patchOf({ a: { x: 1, y: 2 }, b: 'same', c: 3 }, { a: { x: 1, y: 5 }, b: 'same' })).toEqual({ a: { y: 5 }, c: null });
});
