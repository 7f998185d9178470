import { jsonPointer } from '../../kubernetes/cluster.ts'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job, Kind, Node, Pod, Queue } from '../../kubernetes/objects.ts'
import { DISTURBANCES, type Disturbance } from './character.ts'
import type { Replica } from './replica.ts'
import { between } from './virtualTime.ts'
import { picker, TENANTS } from './workload.ts'
import type { Ambush, World } from './world.ts'

/**
 * Brings about what people and machines do to a cluster, one thing after another, until `heal` puts everything back.
 * @returns heals
 */
export function disturb(world: World, random: () => number): () => void {
  const { time, network, simulated, admin, truth, character } = world
  const pick = picker(random)
  const weighed = character.disturbances.flatMap((kind) => Array.from({ length: DISTURBANCES[kind] }, () => kind))
  /** Of what will pass, how it is put back. */
  const undo = new Set<() => void>()
  const asMade = [...truth.nodes.items()]
  let isOver = weighed.length === 0
  next()

  function next(): void {
    if (isOver) return
    time.after(-Math.log(1 - random()) * character.everyMs, () => {
      if (isOver) return
      const kind = pick(weighed)
      world.lastDisturbanceMs = time.nowMs
      world.note(`disturbance: ${kind}`)
      acts[kind]()
      next()
    })
  }

  function forAWhile(fromMs: number, toMs: number, restore: () => void): void {
    const once = () => {
      if (undo.delete(once)) restore()
    }
    undo.add(once)
    time.after(between(random, fromMs, toMs), () => {
      world.lastDisturbanceMs = time.nowMs
      once()
    })
  }

  const anyNode = () => pick([...truth.nodes.items()])
  const anyReplica = () => world.leader() ?? pick(world.replicas)
  const patchNode = (node: Node, path: string, value: unknown) =>
    world.attempt(`node ${node.metadata.name} ${path}: ${JSON.stringify(value)}`, () =>
      admin.patch('Node', { name: node.metadata.name ?? '' }, [{ op: 'add', path, value }]),
    )
  const pauseFor = (replica: Replica, forMs: number) => {
    world.note(`${replica.process.name} is paused for ${forMs} ms`)
    replica.process.pause()
    const resume = () => replica.process.resume()
    undo.add(resume)
    time.after(forMs, resume)
  }
  const ambush = (strike: Ambush['strike']): Ambush => ({
    what: pick(['patch Job', 'patch Job', 'bind', 'bind', 'patch Lease']),
    after: 1 + Math.floor(random() * 4),
    isSent: random() < 0.5,
    strike,
  })
  const killFor = () => between(random, 100, 60_000)
  const longOrShort = () => (random() < 0.5 ? between(random, 100, 5_000) : between(random, 20_000, 90_000))
  const devicesPath = jsonPointer('metadata', 'annotations', annotations.nodeDevices)

  const rewriteDevices = (rewrite: (devices: { index: number; uuid: string; health: string }[]) => object[]) => {
    const node = anyNode()
    const text = node?.metadata.annotations?.[annotations.nodeDevices]
    if (node === undefined || text === undefined) return
    patchNode(node, devicesPath, JSON.stringify(rewrite(JSON.parse(text))))
    forAWhile(10_000, 120_000, () => patchNode(node, devicesPath, text))
  }
  const anyQueue = () => pick([...truth.queues.items()].filter(({ metadata }) => metadata.name !== 'company'))
  const applyQueue = ({ metadata }: Queue, spec: Queue['spec']) =>
    world.attempt(`queue ${metadata.name}: ${JSON.stringify(spec)}`, () =>
      admin.patch('Queue', { name: metadata.name ?? '' }, [{ op: 'replace', path: '/spec', value: spec }]),
    )
  const anyJob = () => pick([...truth.jobs.items()].filter(({ status }) => !status?.completionTime))
  const refOf = ({ metadata }: Job | Pod) => ({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' })

  const acts: Record<Disturbance, () => void> = {
    killLeader: () => world.kill(anyReplica(), killFor()),
    killStandby: () => world.kill(pick(world.replicas), killFor()),
    killAtWrite: () => {
      world.ambush = ambush((replica) => world.kill(replica, killFor()))
    },
    pauseLeader: () => pauseFor(anyReplica(), longOrShort()),
    pauseAtWrite: () => {
      world.ambush = ambush((replica) => pauseFor(replica, longOrShort()))
    },
    outage() {
      network.setDown(true)
      forAWhile(2_000, 60_000, () => network.setDown(false))
    },
    storm() {
      network.setStorm(0.3 + random() * 0.6)
      forAWhile(5_000, 40_000, () => network.setStorm(0))
    },
    stall: () => network.stall(pick<Kind>(['Job', 'Pod', 'Node', 'Queue']), between(random, 2_000, 25_000)),
    failNode() {
      const name = anyNode()?.metadata.name
      if (name === undefined) return
      world.attempt(`node ${name} fails`, () => simulated.kubelet.failNode(name))
      forAWhile(10_000, 120_000, () => world.attempt(`node ${name} is back`, () => simulated.kubelet.recoverNode(name)))
    },
    cordonNode() {
      const node = anyNode()
      if (node === undefined) return
      patchNode(node, '/spec/unschedulable', true)
      forAWhile(10_000, 120_000, () => patchNode(node, '/spec/unschedulable', false))
    },
    shrinkNode() {
      const node = anyNode()
      if (node === undefined) return
      const set = (cpu: string) => {
        const path = '/status/allocatable/cpu'
        world.attempt(`node ${node.metadata.name} has ${cpu} cores`, () =>
          admin.patch('Node', { name: node.metadata.name ?? '' }, [{ op: 'add', path, value: cpu }], {
            subresource: 'status',
          }),
        )
      }
      set('4')
      forAWhile(10_000, 120_000, () => set(node.status?.capacity?.cpu ?? '32'))
    },
    breakDevice: () =>
      rewriteDevices((devices) => {
        const broken = pick(devices)
        return devices.map((device) => (device === broken ? { ...device, health: 'Unhealthy' } : device))
      }),
    mistakeDevices: () =>
      rewriteDevices((devices) => devices.map((device) => ({ ...device, uuid: `GPU-mistaken-${device.uuid}` }))),
    deleteNode() {
      const node = anyNode()
      if (node === undefined || truth.nodes.size < 2) return
      const { metadata, spec, status, ...kind } = node
      const { name = '', labels: told = {}, annotations: said = {} } = metadata
      world.attempt(`node ${name} is deleted`, () => admin.delete('Node', { name }))
      forAWhile(10_000, 90_000, () => {
        world.attempt(`node ${name} is made anew`, async () => {
          await admin.create('Node', {
            ...kind,
            metadata: { name, labels: told, annotations: said },
            ...(spec && { spec }),
          })
          const again = [{ op: 'add', path: '/status', value: status }] as const
          await admin.patch('Node', { name }, again, { subresource: 'status' })
        })
      })
    },
    foreignPod() {
      const node = anyNode()?.metadata.name
      if (node === undefined) return
      const name = `system-${Math.round(time.nowMs)}`
      const requests = { cpu: pick(['4', '16', '30']), memory: '1Gi' }
      const ref = { namespace: 'kube-system', name }
      world.attempt(`foreign pod ${name} on ${node}`, () =>
        admin.create('Pod', {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: ref,
          spec: {
            nodeName: node,
            containers: [
              {
                name: 'main',
                image: 'x',
                resources: { requests },
                env: [{ name: 'SIM_RUN_SECONDS', value: '100000' }],
              },
            ],
          },
        }),
      )
      forAWhile(10_000, 120_000, () =>
        world.attempt(`foreign pod ${name} leaves`, () => admin.delete('Pod', ref, { gracePeriodSeconds: 0 })),
      )
    },
    evictPod() {
      const pod = pick([...truth.pods.items()].filter(({ spec }) => spec?.nodeName !== undefined))
      if (pod !== undefined) world.attempt(`pod ${pod.metadata.name} is evicted`, () => admin.evict(refOf(pod)))
    },
    quota() {
      const queue = anyQueue()
      if (queue === undefined) return
      const quotas = queue.spec.quotas.map((quota) => ({
        flavor: quota.flavor,
        resource: quota.resource,
        nominalQuota: String(Math.floor(random() * 4)),
        ...(random() < 0.5 && { borrowingLimit: String(Math.floor(random() * 4)) }),
      }))
      applyQueue(queue, { ...queue.spec, quotas })
      forAWhile(10_000, 120_000, () => restoreQueue(queue.metadata.name))
    },
    stopQueue() {
      const queue = anyQueue()
      if (queue === undefined) return
      applyQueue(queue, { ...queue.spec, stopPolicy: pick(['Hold', 'HoldAndDrain']) })
      forAWhile(5_000, 60_000, () => restoreQueue(queue.metadata.name))
    },
    deleteQueue() {
      const name = anyQueue()?.metadata.name
      if (name === undefined) return
      world.attempt(`queue ${name} is deleted`, () => admin.delete('Queue', { name }))
      forAWhile(5_000, 60_000, () => restoreQueue(name))
    },
    moveQueue() {
      const queue = anyQueue()
      const above = pick(['company', 'team-a', 'team-b', 'lab-a', 'nowhere'])
      if (queue === undefined || above === queue.metadata.name) return
      applyQueue(queue, { ...queue.spec, parent: above })
      forAWhile(5_000, 60_000, () => restoreQueue(queue.metadata.name))
    },
    cancelJob() {
      const job = anyJob()
      const propagationPolicy = pick(['Background', 'Foreground'] as const)
      if (job === undefined) return
      world.attempt(`job ${job.metadata.name} is cancelled`, () =>
        admin.delete('Job', refOf(job), { propagationPolicy }),
      )
    },
    changeJob() {
      const job = pick([...truth.jobs.items()].filter(({ spec }) => spec?.suspend))
      if (job === undefined) return
      const change = pick([
        [jsonPointer('metadata', 'labels', labels.queue), pick(['team-a', 'lab-a', 'default'])],
        [jsonPointer('metadata', 'labels', 'touched'), String(Math.round(time.nowMs))],
        ['/spec/template/spec/containers/0/resources/requests/cpu', pick(['1', '3'])],
      ] as const)
      world.attempt(`job ${job.metadata.name} ${change[0]}: ${change[1]}`, () =>
        admin.patch('Job', refOf(job), [{ op: 'add', path: change[0], value: change[1] }]),
      )
    },
    podQuota() {
      const ref = { namespace: pick(TENANTS), name: 'pods' }
      world.attempt(`pods of ${ref.namespace} are limited`, () =>
        admin.create('ResourceQuota', {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: ref,
          spec: { hard: { pods: String(Math.floor(random() * 4)) } },
        }),
      )
      forAWhile(10_000, 120_000, () =>
        world.attempt(`pods of ${ref.namespace} are free`, () => admin.delete('ResourceQuota', ref)),
      )
    },
    domainClock() {
      const byMs = random() < 0.5 ? between(random, 1_000, 600_000) : -between(random, 1_000, 30_000)
      world.note(`domain time is set by ${byMs} ms`)
      time.setDomainClock(byMs)
    },
    wallClock() {
      const byMs = between(random, -86_400_000, 86_400_000)
      const { process } = pick(world.replicas)
      world.note(`the wall clock of ${process.name} is set by ${byMs} ms`)
      process.setWall(byMs)
    },
  }

  function restoreQueue(name = ''): void {
    const asMade = world.queues.find(({ metadata }) => metadata.name === name)
    if (asMade === undefined) return
    world.attempt(`queue ${name} is as it was`, async () => {
      if (truth.queues.get({ name }) === undefined) await admin.create('Queue', asMade)
      else await admin.patch('Queue', { name }, [{ op: 'replace', path: '/spec', value: asMade.spec }])
    })
  }

  return () => {
    isOver = true
    world.note('everything is put back')
    world.ambush = null
    network.heal()
    for (const restore of [...undo]) restore()
    undo.clear()
    // Whoever was disturbed twice may have been put back to how it was between.
    time.after(1_000, () => {
      for (const { metadata } of world.queues) restoreQueue(metadata.name)
      for (const node of asMade) world.attempt(`node ${node.metadata.name} is as it was`, () => restoreNode(node))
    })
  }

  async function restoreNode({ metadata, status }: Node): Promise<void> {
    const name = metadata.name ?? ''
    const devices = metadata.annotations?.[annotations.nodeDevices]
    await admin.patch('Node', { name }, [
      { op: 'add', path: '/spec/unschedulable', value: false },
      { op: 'add', path: devicesPath, value: devices },
    ])
    const whole = [{ op: 'add', path: '/status/allocatable', value: status?.allocatable }] as const
    await admin.patch('Node', { name }, whole, { subresource: 'status' })
    await simulated.kubelet.recoverNode(name)
  }
}
