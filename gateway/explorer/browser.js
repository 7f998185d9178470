/** Runs in the browser: GraphiQL over this gateway. Bundled by bundle.ts with everything that it imports. */
import 'graphiql/style.css'
import { GraphiQL } from 'graphiql'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { createFetcher } from './fetcher.ts'

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = ['json', 'graphql'].includes(label) ? label : 'editor'
    return new Worker(new URL(`${name}.worker.js`, import.meta.url), { type: 'module' })
  },
}

const WELCOME = `# Put your token into the headers below,
# then fetch the schema again: Shift-Ctrl-R.

query Welcome {
  viewer {
    subject
    kind
  }
  jobs(first: 10) {
    edges {
      node {
        id
        name
        phase
        pending {
          message
        }
      }
    }
  }
}
`

/** A link may carry a token behind the #, which browsers do not send; it goes from the address bar into the headers. */
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token) history.replaceState(null, '', location.pathname)
  return token
}

const token = takeToken()
const headers = JSON.stringify({ authorization: `Bearer ${token ?? '<token>'}` }, null, 2)
const explorer = createElement(GraphiQL, {
  fetcher: createFetcher({ url: document.documentElement.dataset.graphql, token }),
  defaultQuery: WELCOME,
  defaultHeaders: headers,
  ...(token ? { initialHeaders: headers } : {}),
  defaultEditorToolsVisibility: 'headers',
})
createRoot(document.getElementById('explorer')).render(explorer)
