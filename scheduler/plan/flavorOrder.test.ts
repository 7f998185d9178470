import { assert, describe, test } from 'vitest'
import type { QueueSpec, Quota } from '../model/queue.ts'
import { admitted, aJob, aNode, aPod, aQueue, aRunning, aSnapshot } from '../testkit/builders.ts'
import { plan } from './plan.ts'

const quota = (flavor: string, gpus: number): Quota => {
  return { flavor, resource: 'GPU', nominalQuota: gpus * 1000, borrowingLimit: null, lendingLimit: null }
}
const nodes = [
  aNode('a1', { gpus: 2 }),
  aNode('h1', { gpus: 2, flavor: 'h100' }),
  aNode('z1', { gpus: 2, flavor: 'z' }),
]
const job = (uid: string, priority = 100) => aJob(uid, aPod({ gpus: 1 }), { queue: 'team', priority })

/** A team below a company that has what the team asks for, and more. */
function decide(team: Partial<QueueSpec>, options: Omit<Parameters<typeof aSnapshot>[0], 'queues' | 'nodes'>) {
  const company = { ...aQueue('company'), quotas: [quota('a100', 8), quota('h100', 8), quota('z', 8)] }
  const queues = [company, { ...aQueue('team', { parent: 'company' }), ...team }]
  return plan(aSnapshot({ nodes, queues, ...options }), 1_000_000)
}

describe('flavors', () => {
  test('are tried in the order of the queue’s quotas, and those without one last', () => {
    const quotas = [quota('z', 1), quota('h100', 1)]
    const jobs = [1, 2, 3, 4, 5].map((i) => job(`j${i}`))
    const places = admitted(decide({ quotas }, { jobs })).map((text) => text.slice('j1 → '.length))
    assert.deepEqual(places, ['z1/0', 'z1/1', 'h1/0', 'h1/1', 'a1/0'])
  })

  test('are in the order of the queue above where the queue has no quotas', () => {
    assert.deepEqual(admitted(decide({}, { jobs: [job('j')] })), ['j → a1/0'])
  })

  test('in which nothing need be borrowed come first where the queue says so', () => {
    const quotas = [quota('z', 1), quota('h100', 1)]
    const flavorFungibility = { whenCanBorrow: 'TryNextFlavor', whenCanPreempt: 'TryNextFlavor' } as const
    const jobs = [1, 2, 3].map((i) => job(`j${i}`))
    const decided = decide({ quotas, flavorFungibility }, { jobs })
    assert.deepEqual(admitted(decided), ['j1 → z1/0', 'j2 → h1/0', 'j3 → z1/1'])
  })

  test('are gone through before anybody is stopped, unless the queue says that it would rather stay', () => {
    const quotas = [quota('z', 2), quota('h100', 2)]
    const options = { jobs: [job('urgent', 200)], running: [aRunning('low', 'z1/0+1', { queue: 'team', flavor: 'z' })] }
    assert.deepEqual(admitted(decide({ quotas }, options)), ['urgent → h1/0'])
    const flavorFungibility = { whenCanBorrow: 'MayStopSearch', whenCanPreempt: 'MayStopSearch' } as const
    const { admissions, preemptions } = decide({ quotas, flavorFungibility }, options)
    assert.deepEqual([admissions.length, preemptions.map(({ victims }) => victims)], [0, [['low']]])
  })
})
