import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { dataOf } from './answers.ts'
import type { Cloud } from './cloud.ts'

/** The public schema as the running gateway tells it. */
export async function publicSchemaOf(cloud: Cloud): Promise<GraphQLSchema> {
  return buildClientSchema(dataOf(await cloud.ask<IntrospectionQuery>(await cloud.operator(), getIntrospectionQuery())))
}

/** Fields of Query, Mutation or Subscription. */
export function rootFieldsOf(schema: GraphQLSchema, operation: 'Query' | 'Mutation' | 'Subscription'): string[] {
  const type = {
    Query: schema.getQueryType(),
    Mutation: schema.getMutationType(),
    Subscription: schema.getSubscriptionType(),
  }
  return Object.keys(type[operation]?.getFields() ?? {})
}
