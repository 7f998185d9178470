import { expect, test } from 'vitest'
import { PRIORITY_CLASSES, priorityOf } from './priority.ts'

test('interactive work goes before training, inference before all', () => {
  const byPriority = ['BATCH', 'INFERENCE', 'TRAINING', 'INTERACTIVE'] as const
  expect(byPriority.toSorted((a, b) => priorityOf(b, null) - priorityOf(a, null))).toEqual([
    'INFERENCE',
    'INTERACTIVE',
    'TRAINING',
    'BATCH',
  ])
})

test('a named priority class counts instead of the class', () => {
  expect(priorityOf('INFERENCE', 'sluice-batch')).toBe(priorityOf('BATCH', null))
})

test('a priority class that nobody knows changes nothing', () => {
  for (const unknown of ['cluster-default', 'sluice-', 'sluice-constructor', '']) {
    expect(priorityOf('TRAINING', unknown)).toBe(priorityOf('TRAINING', null))
  }
})

test('there is one for each class', () => {
  expect(PRIORITY_CLASSES).toEqual(['sluice-inference', 'sluice-interactive', 'sluice-training', 'sluice-batch'])
})
