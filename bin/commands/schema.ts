import { readFile } from 'node:fs/promises'
import type { Command } from '../command.ts'

/** Committed and checked for freshness, so that printing it needs no subgraph to start. */
const PUBLIC_SCHEMA = new URL('../../gateway/generated/schema.graphql', import.meta.url)

export const schema: Command = {
  summary: 'Prints the public GraphQL schema.',
  usage: 'schema',
  async run() {
    process.stdout.write(await readFile(PUBLIC_SCHEMA, 'utf8'))
    return 0
  },
}
