import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';
import { fail } from './process.mjs';

/** An API server by the first context of a kubeconfig that has a token; connections are kept. */
export class KubeApi {
  #server;
  #headers;
  #agent;
  #resources = new Map();

  /** @param file a kubeconfig */
  constructor(file) {
    const config = parse(readText(file));
    const cluster = config?.clusters?.[0]?.cluster;
    const token = config?.users?.[0]?.user?.token;
    if (cluster === undefined || token === undefined) fail(`${file}: no kubeconfig with a server and a token`);
    this.#server = cluster.server;
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const ca = cluster['certificate-authority-data'];
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...(ca && { ca: Buffer.from(ca, 'base64') }) });
  }

  get(path) {
    return this.#ask('GET', path);
  }

  post(path, body) {
    return this.#ask('POST', path, body);
  }

  put(path, body) {
    return this.#ask('PUT', path, body);
  }

  delete(path) {
    return this.#ask('DELETE', path);
  }

  /** Deletes an object, and waits until it is gone. */
  async remove(path) {
    await this.delete(path);
    for (let tries = 0; (await this.get(path)).status !== 404; tries += 1) {
      if (tries === 100) fail(`${path} does not go away`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Makes an object unless one of its name is there; a definition is served before this returns. */
  async make(path, object) {
    const { status, body } = await this.post(path, object);
    if (status !== 201 && status !== 409) fail(`${object.kind} ${object.metadata.name}: ${body.message}`);
    if (object.kind === 'CustomResourceDefinition') await this.served(object);
  }

  /** @returns its plural name and whether it is namespaced; undefined where the kind is not served */
  async resource(apiVersion, kind) {
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let resources = this.#resources.get(path);
    if (resources === undefined) {
      const { status, body } = await this.get(path);
      resources = status === 200 ? body.resources : [];
      if (resources.length > 0) this.#resources.set(path, resources);
    }
    const found = resources.find((each) => each.kind === kind && !each.name.includes('/'));
    if (found === undefined) this.#resources.delete(path);
    return found;
  }

  /** Waits until all versions of a definition are served; the server says so a little before it does so. */
  async served({ spec }) {
    for (const { name } of spec.versions.filter(({ served }) => served)) {
      for (let tries = 0; !(await this.#answers(spec, name)); tries += 1) {
        if (tries === 100) fail(`${spec.group} ${spec.names.kind} is defined, but not served`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #answers({ group, names }, version) {
    if ((await this.resource(`${group}/${version}`, names.kind)) === undefined) return false;
    return (await this.get(`/apis/${group}/${version}/${names.plural}`)).status === 200;
  }

  #ask(method, path, body) {
    return new Promise((resolve) => {
      const asked = request(this.#server + path, { method, headers: this.#headers, agent: this.#agent }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, body: readJson(Buffer.concat(chunks).toString()) }),
        );
      });
      asked.on('error', (error) => fail(`${this.#server}: ${error.message}`));
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return fail(`${file}: ${error.message}: name the kubeconfig of a running API server`);
  }
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}
