import { PROOF_LANES } from './lanes/lanes.ts'
import { runLanes } from './lanes/runLanes.ts'
import { runVitest } from './lanes/vitest.ts'

/** `npm run proof [-- vitest's arguments]` */
const args = process.argv.slice(2)
const { failed } = await runLanes(PROOF_LANES, {
  isCi: process.env.CI === 'true',
  run: (project) => runVitest(project, args),
  print: console.log,
})
process.exitCode = failed > 0 ? 1 : 0
