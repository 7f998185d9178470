import { expect, test } from 'vitest'
import { isSelected } from './labelSelector.ts'

const labels = { app: 'train', tier: 'gold' }

test.each([
  ['none at all', undefined, false],
  ['an empty one', {}, true],
  ['labels that are there', { matchLabels: { app: 'train' } }, true],
  ['one that is not', { matchLabels: { app: 'train', zone: 'a' } }, false],
  ['In', { matchExpressions: [{ key: 'tier', operator: 'In', values: ['gold', 'silver'] }] }, true],
  ['In, of a label that is not there', { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }, false],
  ['NotIn', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['gold'] }] }, false],
  [
    'NotIn, of a label that is not there',
    { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] },
    true,
  ],
  ['Exists', { matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, false],
  ['DoesNotExist', { matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] }, true],
  ['an operator that nobody knows', { matchExpressions: [{ key: 'app', operator: 'Like' }] }, false],
])('%s', (_, selector, selected) => {
  expect(isSelected(selector, labels)).toBe(selected)
})
