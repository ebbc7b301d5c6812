import swagger from "@fastify/swagger";
import Fastify from "fastify";
import {
  type FastifyPluginAsyncZod,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";

export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** What `routes` answer to, as OpenAPI 3.1. They are registered once more for it, on a server that never listens. */
export async function openApiDocument(
  routes: FastifyPluginAsyncZod,
  version: string,
): Promise<OpenApiDocument> {
  await using app = Fastify({ logger: false });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(swagger, {
    openapi: { openapi: "3.1.0", info: { title: "Rackwatch gateway", version } },
    transform: jsonSchemaTransform,
  });
  await app.register(routes);
  await app.ready();
  return { ...app.swagger() };
}
