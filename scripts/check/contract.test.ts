import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, assert, beforeEach, describe, test } from 'vitest'
import { PUBLIC_SCHEMA } from '../codegen/supergraph.ts'
import { brokenPromises, checkContract } from './contract.ts'

const contract = `
  enum Phase { PENDING RUNNING }
  type Job implements Node { id: ID! phase: Phase! cost: Decimal pods(first: Int = 50): [Pod!]! }
  input SubmitInput { name: String! replicas: Int = 1 }`

const cases: Record<string, { change: [string, string]; want: string[] }> = {
  'as promised': { change: ['', ''], want: [] },
  'more types, fields, values and optional inputs break nobody': {
    change: ['phase: Phase!', 'phase: Phase! name(upper: Boolean): String!'],
    want: [],
  },
  'a stricter answer breaks nobody': { change: ['cost: Decimal', 'cost: Decimal!'], want: [] },
  'a looser demand breaks nobody': { change: ['name: String!', 'name: String'], want: [] },
  'a looser answer': { change: ['phase: Phase!', 'phase: Phase'], want: ['Job.phase is Phase, promised is Phase!'] },
  'a looser list': {
    change: ['[Pod!]!', '[Pod]!'],
    want: ['Job.pods is [Pod]!, promised is [Pod!]!'],
  },
  'a stricter demand': {
    change: ['replicas: Int = 1', 'replicas: Int! = 1'],
    want: ['SubmitInput(replicas) is Int!, promised is Int'],
  },
  'a new demand': {
    change: ['name: String!', 'name: String! region: String!'],
    want: ['SubmitInput(region) is required, and clients of the contract do not send it'],
  },
  'a missing field': { change: ['cost: Decimal', ''], want: ['Job.cost is missing'] },
  'a missing argument': { change: ['(first: Int = 50)', ''], want: ['Job.pods(first) is missing'] },
  'another default': { change: ['Int = 50', 'Int = 20'], want: ['Job.pods(first) has another default'] },
  'a missing value': { change: ['PENDING RUNNING', 'PENDING'], want: ['Phase lacks RUNNING'] },
  'a missing interface': { change: ['implements Node', ''], want: ['Job lacks Node'] },
  'a missing type': { change: ['enum Phase', 'enum JobPhase'], want: ['Phase is missing'] },
}
for (const [name, { change, want }] of Object.entries(cases)) {
  test(name, () => assert.deepEqual(brokenPromises(contract, contract.replace(...change)), want))
}

describe('the contract', () => {
  let folder: string
  let checkout: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-contract-'))
    checkout = join(folder, 'checkout')
    write(join(checkout, PUBLIC_SCHEMA), contract.replace('RUNNING', ''))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function write(path: string, text: string): string {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  test('next to the checkout is what the schema is held against', async () => {
    write(join(folder, 'shared/contract.graphql'), contract)
    assert.deepEqual(await checkContract(checkout), ['Phase lacks RUNNING'])
  })
  test('that is named goes before it', async () => {
    write(join(folder, 'shared/contract.graphql'), contract)
    const other = write(join(folder, 'other.graphql'), 'scalar DateTime')
    assert.deepEqual(await checkContract(checkout, other), ['DateTime is missing'])
  })
  test('that is nowhere cannot be checked', async () => {
    assert.property(await checkContract(checkout), 'skipped')
  })
  test('that is named and not there is a finding', async () => {
    const path = join(folder, 'none.graphql')
    assert.deepEqual(await checkContract(checkout, path), [`There is no file ${path}.`])
  })
  test('needs a schema to be held against', async () => {
    rmSync(checkout, { recursive: true })
    write(join(folder, 'shared/contract.graphql'), contract)
    assert.deepEqual(await checkContract(checkout), [`${PUBLIC_SCHEMA} is missing. Run: npm run codegen`])
  })
})
