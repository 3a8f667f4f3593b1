# METADATA
# title: Objects are written in API versions that last
# description: |
#   No object is written in an API version that the cluster serves no more, or stops to serve within `removed_within`
#   minor releases. In CI that is the `apiVersion` of the document; in a cluster, which shows every object in each version
#   that it serves, it is the one in which it was last written, by anyone but writers of its status: whoever applies it
#   will fail after the next upgrade. The cluster's version counts, else the newest that is known, and the finding says
#   so. Kinds of which no version was ever removed are not judged.
# custom:
#   category: operational-excellence
#   severity: high
#   kinds: ["*"]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       kubernetes_version:
#         type: string
#         pattern: "^(|v?1[.][0-9]{1,3}([.+-].*)?)$"
#         default: ""
#         description: >-
#           The release of Kubernetes to judge by, such as `1.32`, for example the one to which you will upgrade. Empty is
#           the cluster's own, else the newest that is known.
#       removed_within:
#         type: integer
#         minimum: 0
#         maximum: 10
#         default: 1
#         description: >-
#           So many minor releases ahead an API version has to be served still; 0 looks at the cluster's own alone.
#   remediation: |
#     Write the object in the version that takes its place, and look through its fields, some of which are called
#     differently there:
#
#     ```yaml
#     apiVersion: networking.k8s.io/v1 # was networking.k8s.io/v1beta1
#     kind: Ingress
#     spec:
#       defaultBackend: # was backend
#         service:
#           name: web # was serviceName
#           port: { number: 80 } # was servicePort
#     ```
#
#     `kubectl convert -f <file> --output-version <version>` does most of it; Helm charts and operators have newer
#     releases.
#   standards: []
#   related: []
#   admission: deny
#   expand: false
package bylaw.deprecated_api_versions

import data.lib.api_versions
import data.lib.objects

violation contains {
	"path": "apiVersion",
	"found": api_versions.written,
	"expected": expected,
	"message": $"{objects.kind} \"{input.review.name}\" is written in {api_versions.written}, which Kubernetes {ends} ({source}); {advice}.",
} if {
	removal.removed <= release + input.parameters.removed_within
}

not_applicable contains $"no API version of {objects.kind} in {group} was ever removed" if not api_versions.ever_removed

removal := api_versions.removal

# The minor release that is judged by.
release := api_versions.minor(input.parameters.kubernetes_version) if api_versions.minor(input.parameters.kubernetes_version)

else := api_versions.cluster_minor if api_versions.cluster_minor

else := api_versions.known_minor

source := $"the parameters judge by 1.{release}" if api_versions.minor(input.parameters.kubernetes_version)

else := $"the cluster runs 1.{release}" if api_versions.cluster_minor

else := $"the cluster's version is not known, and 1.{release} was assumed"

ends := $"serves no more since 1.{removal.removed}" if removal.removed <= release

else := $"serves no more from 1.{removal.removed} on"

expected := removal.instead if removal.instead

else := "an API version that is served"

advice := $"write it in {removal.instead}" if removal.instead

else := "nothing takes its place in the same form"

group := "the core group" if objects.group == ""

else := objects.group
