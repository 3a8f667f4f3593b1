package main

import (
	"encoding/json"
	"runtime/debug"
	"strings"

	configv1alpha1 "github.com/open-policy-agent/gatekeeper/v3/apis/config/v1alpha1"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/controller/config/process"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/types"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/util"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

var points = []string{util.AuditEnforcementPoint, util.WebhookEnforcementPoint, util.GatorEnforcementPoint}

// meant asks Gatekeeper’s target which objects a constraint with this match means, as the audit and the webhook do.
func meant(match any, subjects []subject) string {
	handler := &target.K8sValidationTarget{}
	constraint := constraintOf(map[string]any{"match": match})
	if err := handler.ValidateConstraint(constraint); err != nil {
		return strings.Repeat("e", len(subjects))
	}
	matcher, err := handler.ToMatcher(constraint)
	if err != nil {
		return strings.Repeat("e", len(subjects))
	}
	var answers strings.Builder
	for _, one := range subjects {
		_, review, err := handler.HandleReview(target.AugmentedUnstructured{
			Object:    *unstructuredOf(one.Object),
			Namespace: namespaceOf(one),
			Source:    types.SourceTypeOriginal,
		})
		if err != nil {
			fail(err)
		}
		matched, err := matcher.Match(review)
		answers.WriteByte(letter(matched, err))
	}
	return answers.String()
}

// excluded asks Gatekeeper’s excluder what the audit and the webhook leave out by this Config.
func excluded(config any, subjects []subject) []string {
	var spec configv1alpha1.ConfigSpec
	convert(config, &spec)
	excluder := process.New()
	excluder.Add(spec.Match)
	var rows []string
	for _, part := range []process.Process{process.Audit, process.Webhook} {
		var answers strings.Builder
		for _, one := range subjects {
			out, err := excluder.IsNamespaceExcluded(part, unstructuredOf(one.Object))
			answers.WriteByte(letter(out, err))
		}
		rows = append(rows, answers.String())
	}
	return rows
}

// actions asks what is done about a violation at each enforcement point.
func actions(spec any) any {
	constraint := constraintOf(spec)
	action, err := util.GetEnforcementAction(constraint.Object)
	if err != nil || action == util.Unrecognized {
		return "unrecognized"
	}
	found := map[string][]string{}
	for _, point := range points {
		if action != util.Scoped {
			found[point] = []string{string(action)}
			continue
		}
		scoped, err := util.ScopedActionForEP(point, constraint)
		if err != nil {
			return "refused"
		}
		found[point] = scoped
	}
	return found
}

func letter(yes bool, err error) byte {
	switch {
	case err != nil:
		return 'e'
	case yes:
		return '1'
	}
	return '0'
}

func constraintOf(spec any) *unstructured.Unstructured {
	return unstructuredOf(map[string]any{
		"apiVersion": "constraints.gatekeeper.sh/v1beta1",
		"kind":       "Asked",
		"metadata":   map[string]any{"name": "asked"},
		"spec":       spec,
	})
}

// unstructuredOf goes through JSON, as everything does that Gatekeeper reads.
func unstructuredOf(value any) *unstructured.Unstructured {
	var object map[string]any
	convert(value, &object)
	return &unstructured.Unstructured{Object: object}
}

func namespaceOf(one subject) *corev1.Namespace {
	if one.Namespace == nil {
		return nil
	}
	namespace := &corev1.Namespace{}
	convert(one.Namespace, namespace)
	return namespace
}

func convert(from, to any) {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		fail(err)
	}
}

func moduleVersion() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/open-policy-agent/gatekeeper/v3" {
			return module.Version
		}
	}
	return "unknown"
}
