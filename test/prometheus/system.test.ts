import { isDeepStrictEqual } from 'node:util'
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest'
import { agentDisconnected } from '../../dashboards/alerts/agentDisconnected.ts'
import { alerts } from '../../dashboards/alerts/alerts.ts'
import { ruleFile } from '../../dashboards/alerts/ruleFile.ts'
import type { Dashboard } from '../../dashboards/dashboard.ts'
import { allDashboards } from '../../dashboards/render/generatedFiles.ts'
import { startCloud } from '../testkit/cloud.ts'
import { until } from '../testkit/until.ts'
import { askGraph } from './graph.ts'
import { opsTargets } from './opsTargets.ts'
import { choicesOf, figureOf, queriesOf, valuesSince } from './panels.ts'
import { startPrometheus } from './prometheus.ts'
import { ALLOCATED_GPUS, PENDING_GPUS, runWorkload } from './workload.ts'

/** Queries that are right to find nothing here, or 0, by panel and refId: what they count has not happened. */
const RIGHTLY_NOTHING: Record<string, string> = {
  'Evictions A': 'nothing takes a job’s place here: no node goes and no pod is refused',
  'Events dropped A': 'the one subscriber keeps up',
  'Refusals A': 'the simulated cluster takes every directive',
  'Refusals B': 'every observation can be applied',
}

/** Every rule as it is shipped, but for the minutes that one of them takes. */
const impatient = agentDisconnected({ awaySeconds: 8, for: '2s' })
const rules = ruleFile([...alerts.filter(({ name }) => name !== impatient.name), impatient], '1s')

const cloud = await startCloud(afterAll)
const since = new Date()
const prometheus = await startPrometheus(afterAll, { ...opsTargets(cloud), rules })
const dashboards = allDashboards()

beforeAll(() => runWorkload(cloud))

for (const [name, dashboard] of Object.entries(dashboards)) {
  describe(`dashboard ${name}`, () => {
    for (const { panel, refId, expr } of queriesOf(dashboard)) {
      const why = RIGHTLY_NOTHING[`${panel} ${refId}`]
      test(`${panel} ${refId} has ${why === undefined ? 'data' : `nothing to show: ${why}`}`, async () => {
        const series = await valuesSince(prometheus, expr, since)
        if (why === undefined) assert.isNotEmpty(series, expr)
        else
          assert.isTrue(
            series.flat().every((value) => value === 0),
            expr,
          )
      })
    }
    for (const { name: choice, selector, label } of choicesOf(dashboard)) {
      test(`there is something to choose for ${choice}`, async () => {
        assert.isNotEmpty(await prometheus.labelValues(label, selector), selector)
      })
    }
  })
}

describe('at one moment, panels and the graph say the same', () => {
  const { cluster, queues } = dashboards
  assert(cluster && queues)

  test('of GPUs and nodes', async () => {
    const figures = await agreed(async () => {
      const { gpus, nodePools } = await askGraph(cloud)
      return {
        'GPUs allocatable': { '': gpus.filter(({ health }) => health === 'Healthy').length },
        'GPUs allocated': { '': sum(nodePools, ({ allocatedGpus }) => allocatedGpus) },
        Nodes: { schedulable: sum(nodePools, ({ nodeCount }) => nodeCount) },
      }
    }, cluster)
    expect(figures['GPUs allocated']).toEqual({ '': ALLOCATED_GPUS })
  })

  test('of each GPU’s allocation, summed', async () => {
    await agreed(async () => {
      const { gpus } = await askGraph(cloud)
      return { 'GPUs allocated': { '': sum(gpus, ({ allocated }) => allocated) } }
    }, cluster)
  })

  test('of the pools, row by row', async () => {
    await agreed(async () => {
      const pools = (await askGraph(cloud)).nodePools.filter(({ gpuCount }) => gpuCount > 0)
      return {
        Pools: Object.fromEntries(
          pools.map(({ flavor, gpuModel, gpuCount }) => [`local ${gpuModel} ${flavor}`, gpuCount]),
        ),
      }
    }, cluster)
  })

  test('of what waits and what holds GPUs', async () => {
    const figures = await agreed(async () => {
      const all = (await askGraph(cloud)).queues
      return {
        'Jobs that wait': { active: sum(all, ({ pending }) => pending) },
        'GPUs that they wait for': { '': sum(all, ({ pendingGpus }) => pendingGpus) },
        'Jobs that hold GPUs': { '': sum(all, ({ admitted }) => admitted) },
      }
    }, queues)
    expect(figures['GPUs that they wait for']).toEqual({ '': PENDING_GPUS })
  })

  test('of each queue', async () => {
    await agreed(
      async () => {
        const { queues } = await askGraph(cloud)
        return {
          Queues: Object.fromEntries(
            queues
              .filter(({ usedGpus }) => Number(usedGpus) > 0)
              .map(({ name, usedGpus }) => [`local ${name}`, Number(usedGpus)]),
          ),
        }
      },
      queues,
      'B',
    )
  })

  /** Both follow the cluster, a moment apart: they have to meet. */
  async function agreed<F extends Figures>(inGraph: () => Promise<F>, dashboard: Dashboard, refId = 'A'): Promise<F> {
    const [graph] = await until(
      'they say the same',
      async () => {
        const graph = await inGraph()
        const panels = Object.keys(graph).map(async (panel) => [
          panel,
          await figureOf(prometheus, dashboard, panel, refId),
        ])
        return [graph, Object.fromEntries(await Promise.all(panels))] as [F, Figures]
      },
      ([graph, panels]) => isDeepStrictEqual(graph, panels),
    )
    return graph
  }
})

describe('alerts', () => {
  const firing = async () => (await prometheus.alerts()).filter(({ state }) => String(state) === 'firing')

  test('none fires where all is well', async () => {
    assert.isEmpty(await firing())
  })

  test('an agent that is killed is told of, until it is back', async () => {
    await cloud.roles.kill('agent')
    const [alert, ...others] = await until('somebody is told', firing, (told) => told.length > 0)
    assert.isEmpty(others)
    expect(alert?.labels).toMatchObject({ alertname: impatient.name, cluster: 'local', severity: 'critical' })
    expect(alert?.annotations).toMatchObject({ summary: 'The agent of cluster local is away.' })

    await cloud.roles.start('agent')
    await until('all is well again', firing, (told) => told.length === 0)
  })
})

type Figures = Record<string, Record<string, number>>

function sum<T>(all: readonly T[], amount: (each: T) => number | string): number {
  return all.reduce((total, each) => total + Number(amount(each)), 0)
}
