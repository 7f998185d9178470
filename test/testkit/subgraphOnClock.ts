import '../../platform/preload.ts'
import { runRole } from '../../bin/roles/runRole.ts'
import { startSubgraphRole } from '../../bin/roles/subgraphRole.ts'
import { readSettings } from '../../bin/settings.ts'
import { readClockFile } from '../../platform/clockFile.ts'
import { SUBGRAPH_NAMES } from '../../platform/link/protocol.ts'

/** `sluice subgraph NAME` in the domain time of a file: `node subgraphOnClock.ts NAME FILE`. */
const [asked, clockPath = ''] = process.argv.slice(2)
const name = SUBGRAPH_NAMES.find((each) => each === asked)
if (name === undefined) throw new Error(`There is no subgraph ${asked}.`)
const settings = readSettings(process.env)
process.exitCode = await runRole(name, settings, (role) =>
  startSubgraphRole(name, settings, readClockFile(clockPath), role),
)
