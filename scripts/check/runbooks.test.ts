import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema } from 'graphql'
import { assert, onTestFinished, test } from 'vitest'
import { checkRunbooks, faultsOf } from './runbooks.ts'

const schema = buildSchema('type Query { queues: [Queue!]! } type Queue { name: String! }')
const page = `# SluiceExample
## Meaning
It is so.
## Impact
It hurts.
## Where to look
\`\`\`promql
sum(sluice_pending_workloads{job="sluice"})
\`\`\`
\`\`\`graphql
{ queues { name } }
\`\`\`
## How to mend
Mend it.
`

test('a page of all sections, whose queries there are, is right', () => {
  assert.deepEqual(faultsOf(page, 'SluiceExample', schema), [])
})

test('a query of a metric that is gone is found', () => {
  const text = page.replace('sluice_pending_workloads', 'sluice_waiting_jobs')
  assert.deepEqual(faultsOf(text, 'SluiceExample', schema), ['sluice_waiting_jobs is in no catalogue'])
})

test('a field that the graph does not have is found', () => {
  const text = page.replace('{ name }', '{ length }')
  assert.deepEqual(faultsOf(text, 'SluiceExample', schema), ['Cannot query field "length" on type "Queue".'])
})

test('a page that does not say how to mend it is found', () => {
  assert.deepEqual(faultsOf(page.replace('## How to mend\n', ''), 'SluiceExample', schema), ['lacks “## How to mend”'])
})

test('an alert without a page is found', async () => {
  const root = mkdtempSync(join(tmpdir(), 'runbooks-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'gateway/generated'), { recursive: true })
  writeFileSync(join(root, 'gateway/generated/schema.graphql'), 'type Query { now: String }')
  assert.include(await checkRunbooks(root), 'docs/runbooks/SluiceQueueLong.md is missing')
})
