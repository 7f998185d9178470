import '../../../platform/preload.ts'
import { once } from 'node:events'
import type { ComputeAnswer, ComputeRequest, ComputeStart, Settled } from './protocol.ts'

/**
 * Agent, scheduler and simulated cluster in a process that can be killed: the cluster is in its journal.
 * It does nothing by itself in discrete-event time until it is told to step.
 */
const [{ startCompute }, { discreteClock }, { cuttableLink }, { startInformer }, { createLog }, { labels }] =
  await Promise.all([
    import('../../../bin/compute.ts'),
    import('../../../platform/clocks.ts'),
    import('./cuttableLink.ts'),
    import('../../../kubernetes/informer.ts'),
    import('../../../platform/log.ts'),
    import('../../../kubernetes/names.ts'),
  ])

// Whoever started it is gone, so nobody will end it.
process.once('disconnect', () => process.exit(1))
const begun = once(process, 'message')
const [{ settings, startMs }] = (await begun) as [ComputeStart]
const clock = discreteClock(startMs)
const cut = cuttableLink()
const { agent, simulated } = await startCompute(settings, clock, cut.through)
/** Ids of all that there were since this process began: one that runs for no time is soon deleted again. */
const seen = new Set<string | undefined>()
let onSeen = Promise.withResolvers<void>()
const jobs = startInformer(simulated.cluster, 'Job', { log: createLog(settings.logLevel) })
jobs.onChange(({ object }) => {
  seen.add(object.metadata.labels?.[labels.job])
  onSeen.resolve()
  onSeen = Promise.withResolvers()
})
await jobs.synced

async function whenSeen(jobIds: readonly string[]): Promise<void> {
  while (!jobIds.every((id) => seen.has(id))) await onSeen.promise
}

async function settle({ jobIds, backlog }: Settled): Promise<void> {
  await whenSeen(jobIds)
  await agent.whenQuiet({ through: {}, whenClusterIdle: simulated.whenIdle, backlog })
}

async function account(): Promise<ComputeAnswer> {
  agent.heartbeat()
  await settle({ jobIds: [], backlog: 0 })
  const { gpuSecondsByTenant, peakByDevice, pods } = simulated.account()
  const peakThousandths = Math.max(0, ...peakByDevice.values())
  const kept = { gpuSecondsByTenant: Object.fromEntries(gpuSecondsByTenant), peakThousandths, pods }
  return { kind: 'accounted', account: kept }
}

async function answerTo(request: ComputeRequest): Promise<ComputeAnswer> {
  switch (request.kind) {
    case 'step':
      if (request.advanceToMs !== null) clock.advanceTo(request.advanceToMs)
      await settle(request.settled)
      return { kind: 'stepped', nextTimerMs: clock.nextTimerMs() }
    case 'cutOff':
      cut.setCutOff(request.isCutOff)
      return { kind: 'cutOff' }
    case 'account':
      return account()
  }
}

const say = (answer: ComputeAnswer) => void process.send?.(answer)
// An error is not caught: it ends the process, which its parent notices.
process.on('message', async (request: ComputeRequest) => say(await answerTo(request)))
say({ kind: 'started', nextTimerMs: clock.nextTimerMs() })
