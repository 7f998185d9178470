import { realClock } from '../../platform/clocks.ts'
import { SUBGRAPH_NAMES } from '../../platform/link/protocol.ts'
import type { Command } from '../command.ts'
import { runRole } from '../roles/runRole.ts'
import { startSubgraphRole } from '../roles/subgraphRole.ts'
import { SettingsError } from '../settings.ts'

export const subgraph: Command = {
  summary: 'Runs one subgraph alone, on the Postgres of DATABASE_URL.',
  usage: `subgraph ${SUBGRAPH_NAMES.join('|')}`,
  async run([asked], settings) {
    const name = SUBGRAPH_NAMES.find((each) => each === asked)
    if (name === undefined)
      throw new SettingsError(
        asked === undefined ? 'Which subgraph?' : `There is no subgraph "${asked}".`,
        `Name one of ${SUBGRAPH_NAMES.join(', ')}.`,
      )
    return runRole(name, settings, (role) => startSubgraphRole(name, settings, realClock(), role))
  },
}
