/**
 * How fast queues empty: suspended Jobs come to trees of queues that borrow from one another, as in the performance
 * tests of Kueue, and are marked finished their run time after admission. Quota is all that bounds them.
 *
 *   npm run bench:queueing -- --trace kueue-baseline|kueue-large [--cluster real|simulated] [--profile DIR] [--json]
 *
 * `real`: on a kube-apiserver and etcd of its own, without a controller-manager; Linux only, and Go the first time.
 * `simulated`: in this process, where requests are answered at once and time goes on when nothing is due.
 * `--profile` has the agent, which is a process of its own, write a CPU profile there. `--json` prints the result
 * alone, as it is kept in bench/results. docs/guide/benches.md says how it is set up and what is comparable.
 */
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { KUBERNETES_VERSION } from '../scripts/kubernetes/wrapperModules.ts'
import { machine } from './common/machine.ts'
import { runReal } from './queueing/real.ts'
import { runSimulated } from './queueing/simulated.ts'
import { jobsOf, leastMs, TRACES } from './queueing/trace.ts'

/**
 * Kueue at ff69552e (0.19 and later), measured with its own generator on a machine of 2 cores beside API server and
 * etcd, as here.
 */
const KUEUE = {
  asShipped: { makespanSeconds: 369, meanWaitSeconds: { large: 18.8, medium: 70.2, small: 211 }, evictions: 17 },
  clientLimitsRaised: {
    makespanSeconds: 285,
    meanWaitSeconds: { large: 27, medium: 81, small: 166 },
    evictions: 371,
    cpuSeconds: 82,
    peakMemoryMB: 420,
  },
}

const { values } = parseArgs({
  options: {
    trace: { type: 'string', default: 'kueue-baseline' },
    cluster: { type: 'string', default: 'real' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const trace = TRACES[values.trace]
if (trace === undefined || !['real', 'simulated'].includes(values.cluster)) {
  const names = Object.keys(TRACES).join('|')
  console.error(`npm run bench:queueing -- --trace ${names} [--cluster real|simulated] [--profile DIR] [--json]`)
  process.exit(1)
}
const loadBefore = loadavg()[0]
const isReal = values.cluster === 'real'
const figures = isReal
  ? await runReal(trace, values.profile === undefined ? undefined : resolve(values.profile))
  : await runSimulated(trace)
const result = {
  bench: 'queueing',
  ...machine(),
  ...(isReal && { kubernetes: KUBERNETES_VERSION }),
  /** Of the minute before; what it is more than nothing was somebody else's. */
  machineLoadBefore: loadBefore,
  trace: values.trace,
  cluster: values.cluster,
  jobs: jobsOf(trace).length,
  leastMakespanSeconds: leastMs(trace) / 1_000,
  ...figures,
  ...(isReal &&
    values.trace === 'kueue-baseline' && { kueue: KUEUE, timesAsFast: timesAsFast(figures.makespanSeconds) }),
}
console.log(values.json ? JSON.stringify(result, null, 2) : result)
// Informers and connections of a run that has ended may still wait for their timers.
process.exit(0)

function timesAsFast(makespanSeconds: number) {
  const times = (peer: { makespanSeconds: number }) => Math.round((100 * peer.makespanSeconds) / makespanSeconds) / 100
  return { kueueAsShipped: times(KUEUE.asShipped), kueueClientLimitsRaised: times(KUEUE.clientLimitsRaised) }
}
