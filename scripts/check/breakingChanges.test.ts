import { assert, test } from 'vitest'
import { breakingChanges } from './breakingChanges.ts'

const before = 'type Query { job(id: ID!): Job } type Job { id: ID! cost: String }'
const withoutCost = 'type Query { job(id: ID!): Job } type Job { id: ID! }'

test('a field that goes away is told, with the way to accept it', async () => {
  assert.deepEqual(await breakingChanges(before, withoutCost, ''), [
    "Field 'cost' was removed from object type 'Job'. If it must be, name `Job.cost` with the reason in docs/breaking-changes.md",
  ])
})

test('a break that is accepted by name is not', async () => {
  assert.deepEqual(await breakingChanges(before, withoutCost, '- `Job.cost`: moved to the ledger'), [])
})

test('what is only added breaks nobody', async () => {
  assert.deepEqual(await breakingChanges(withoutCost, before, ''), [])
})
