/**
 * A Pod that every policy of `best-practices` is content with.
 * @param name of it
 * @param image of its container
 */
export function aGoodPod(name: string, image = 'registry.example.com/app:1.2.3'): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
spec:
  containers:
    - name: app
      image: ${image}
      readinessProbe: { tcpSocket: { port: 80 } }
      livenessProbe: { tcpSocket: { port: 81 } }
      resources:
        requests: { cpu: 100m, memory: 64Mi }
        limits: { memory: 64Mi }
      securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, readOnlyRootFilesystem: true }
`;
}

/** The same, but for its image, which is of no fixed version: one violation. */
export function aPodOfLatest(name: string): string {
  return aGoodPod(name, 'registry.example.com/app:latest');
}
