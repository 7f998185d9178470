import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, assert, describe, test } from 'vitest'
import { checkBoundaries } from './boundaries.ts'

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

function plant(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'boundaries-'))
  trees.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

const findingsOf = (files: Record<string, string>) => checkBoundaries(plant(files))

describe('a wrong import is found', () => {
  const cases: Record<string, { path: string; source: string; want: string }> = {
    'an arrow that points back': {
      path: 'platform/clock.ts',
      source: "import { plan } from '../scheduler/plan/plan.ts'",
      want: 'platform/clock.ts:1: platform may not import scheduler/plan/plan.ts',
    },
    'a type is an arrow too': {
      path: 'gateway/serve.ts',
      source: "import { a } from './a.ts'\nimport type { Job } from '../subgraphs/jobs/mappers.ts'",
      want: 'gateway/serve.ts:2: gateway may not import subgraphs/jobs/mappers.ts',
    },
    'one subgraph from another': {
      path: 'subgraphs/jobs/domain/cost.ts',
      source: "import { price } from '../../metering/domain/price.ts'",
      want: 'subgraphs/jobs/domain/cost.ts:1: subgraphs never import one another: subgraphs/metering/domain/price.ts',
    },
    'plan from the rest of the scheduler': {
      path: 'scheduler/plan/plan.ts',
      source: "import { commit } from '../live/commit.ts'",
      want: 'scheduler/plan/plan.ts:1: scheduler/plan imports only scheduler/model, not scheduler/live/commit.ts',
    },
    'plan from the platform, which the scheduler may use': {
      path: 'scheduler/plan/order/byTime.ts',
      source: "import type { DomainClock } from '../../../platform/clock.ts'",
      want: 'scheduler/plan/order/byTime.ts:1: scheduler/plan imports only scheduler/model, not platform/clock.ts',
    },
    'plan from a package': {
      path: 'scheduler/plan/plan.ts',
      source: "import { performance } from 'node:perf_hooks'",
      want: 'scheduler/plan/plan.ts:1: scheduler/plan imports only scheduler/model, not node:perf_hooks',
    },
    'the program from its tests': {
      path: 'agent/agent.ts',
      source: "import { cloud } from '../test/testkit/cloud.ts'",
      want: 'agent/agent.ts:1: agent may not import test/testkit/cloud.ts',
    },
    'a room that the table does not know': {
      path: 'helpers/misc.ts',
      source: "import { x } from '../platform/x.ts'",
      want: 'helpers/misc.ts:1: helpers/ is not in the table of rooms (scripts/check/boundaries.ts)',
    },
    'a path made at run time': {
      path: 'kubernetes/load.ts',
      source: 'export const load = (name: string) => import(name)',
      want: 'kubernetes/load.ts:1: import() of a computed path: nobody can check where it leads',
    },
  }
  for (const [name, { path, source, want }] of Object.entries(cases)) {
    test(name, async () => assert.deepEqual(await findingsOf({ [path]: source }), [want]))
  }
})

describe('a right import is not', () => {
  const cases: Record<string, Record<string, string>> = {
    'down the arrows': {
      'bin/sluice.ts': "import { a } from '../agent/agent.ts'\nimport { g } from '../gateway/serve.ts'",
      'agent/agent.ts': "import { plan } from '../scheduler/plan/plan.ts'\nimport '../kubernetes/cluster.ts'",
      'subgraphs/jobs/subgraph.ts': "export { context } from '../../platform/graph/context.ts'",
    },
    'within a room, a subgraph or plan': {
      'subgraphs/jobs/resolvers/job.ts': "import { job } from '../store/job.ts'",
      'scheduler/plan/plan.ts': "import assert from 'node:assert/strict'\nimport { o } from './order/order.ts'",
      'scheduler/plan/order/order.ts': "import type { Queue } from '../../model/queue.ts'",
    },
    'from tests, benches and scripts, anywhere': {
      'scheduler/plan/plan.test.ts': "import { agent } from '../../agent/agent.ts'",
      'test/acceptance/first.test.ts': "import { s } from '../../subgraphs/jobs/subgraph.ts'",
      'bench/plan.ts': "import { plan } from '../scheduler/plan/plan.ts'",
      'scripts/codegen.ts': "import { compose } from '../gateway/compose.ts'",
    },
  }
  for (const [name, files] of Object.entries(cases)) {
    test(name, async () => assert.deepEqual(await findingsOf(files), []))
  }
})
