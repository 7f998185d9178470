import { simulate } from './simulate.ts'

/** `node test/simulation/main.ts FIRST [LAST]`: a line of JSON for each seed, as the proof takes them. */
const [first = 1, last = first] = process.argv.slice(2).map(Number)
for (let seed = first; seed <= last; seed++) {
  const before = process.cpuUsage()
  const { trace: _, ...outcome } = await simulate(seed)
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ ...outcome, cpuSeconds: (user + system) / 1e6 }))
}
