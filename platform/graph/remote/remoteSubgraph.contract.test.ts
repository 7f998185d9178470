import { connectNotes } from '../testkit/remoteNotes.ts'
import { subgraphContract } from '../testkit/subgraph.contract.ts'

subgraphContract('called as a function', async ({ subgraph }) => subgraph)
subgraphContract('over HTTP', async (notes) => (await connectNotes(notes)).remote)
