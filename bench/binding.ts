/**
 * How fast pods are bound: 5,000 onto 1,000 nodes, by Sluice and by the kube-scheduler of the same Kubernetes, in turn,
 * each time on a kube-apiserver and etcd that have just begun.
 *
 *   npm run bench:binding -- [--pods 5000] [--nodes 1000] [--rounds 3] [--json]
 *
 * Linux only, and Go the first time. `--json` prints the result alone, as it is kept in bench/results/binding.json.
 * docs/guide/benches.md says what is compared.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { KUBERNETES_VERSION } from '../scripts/kubernetes/wrapperModules.ts'
import { bindByKubeScheduler } from './binding/kubeScheduler.ts'
import { bindBySluice } from './binding/sluice.ts'
import { machine } from './common/machine.ts'

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '5000' },
    nodes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const isCount = (text: string) => /^[1-9]\d{0,5}$/.test(text)
if (![values.pods, values.nodes, values.rounds].every(isCount)) {
  console.error('npm run bench:binding -- [--pods N] [--nodes N] [--rounds N] [--profile DIR] [--json]')
  process.exit(1)
}
const size = { pods: Number(values.pods), nodes: Number(values.nodes) }
const machineLoadBefore = loadavg()[0]
const sluice = []
const kubeScheduler = []
for (let round = 0; round < Number(values.rounds); round++) {
  sluice.push(await bindBySluice(size, values.profile))
  kubeScheduler.push(await bindByKubeScheduler(size))
}
const rates = (rounds: readonly { podsPerSecond: number }[]) => rounds.map(({ podsPerSecond }) => podsPerSecond)
const result = {
  bench: 'binding',
  ...machine(),
  kubernetes: KUBERNETES_VERSION,
  /** Of the minute before; what it is more than nothing was somebody else's. */
  machineLoadBefore,
  what: `${size.pods} pods onto ${size.nodes} nodes`,
  sluice,
  kubeScheduler,
  ratio: Math.round((100 * median(rates(sluice))) / median(rates(kubeScheduler))) / 100,
  ratioWanted: 1.5,
}
console.log(values.json ? JSON.stringify(result, null, 2) : result)
// Informers and connections of a run that has ended may still wait for their timers.
process.exit(0)

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
