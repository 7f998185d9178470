import { TEST_LANES } from './lanes/lanes.ts'
import { runLanes } from './lanes/runLanes.ts'
import { runVitest } from './lanes/vitest.ts'

/** `npm test [-- vitest's arguments]` */
const args = process.argv.slice(2)
const { failed } = await runLanes(TEST_LANES, {
  isCi: process.env.CI === 'true',
  run: (project) => runVitest(project, args),
  print: console.log,
})
process.exitCode = failed > 0 ? 1 : 0
