package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// oldestMinor is the first version in which Windows pods are told by their spec, and the oldest that Bylaw keeps apart.
const oldestMinor = 25

const modulePath = "k8s.io/pod-security-admission"

var levels = []api.Level{api.LevelBaseline, api.LevelRestricted}

type oracle struct {
	evaluator     policy.Evaluator
	versions      []api.Version
	moduleVersion string
}

// newOracle has the default checks, in every version up to the newest that one of them knows.
func newOracle() (*oracle, error) {
	checks := policy.DefaultChecks()
	evaluator, err := policy.NewEvaluator(checks, nil)
	if err != nil {
		return nil, err
	}
	newest := oldestMinor
	for _, check := range checks {
		for _, version := range check.Versions {
			newest = max(newest, version.MinimumVersion.Minor())
		}
	}
	made := &oracle{evaluator: evaluator, moduleVersion: moduleVersion()}
	for minor := oldestMinor; minor <= newest; minor++ {
		made.versions = append(made.versions, api.MajorMinorVersion(1, minor))
	}
	return made, nil
}

// judge answers for each level with one character a version: 1 where the pod is allowed.
func (o *oracle) judge(object map[string]any) ([]string, error) {
	pod, err := decode(object)
	if err != nil {
		return nil, err
	}
	verdict := make([]string, 0, len(levels))
	for _, level := range levels {
		var row strings.Builder
		for _, version := range o.versions {
			results := o.evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, &pod.ObjectMeta, &pod.Spec)
			if policy.AggregateCheckResults(results).Allowed {
				row.WriteByte('1')
			} else {
				row.WriteByte('0')
			}
		}
		verdict = append(verdict, row.String())
	}
	return verdict, nil
}

// decode gives the pod as upstream is handed it in a cluster: with the one default of the API server that it looks at. It
// refuses fields that Kubernetes does not know: upstream would not see them, and nothing would be compared.
func decode(object map[string]any) (*corev1.Pod, error) {
	encoded, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	pod := &corev1.Pod{}
	if err := decoder.Decode(pod); err != nil {
		return nil, fmt.Errorf("%s: %w", encoded, err)
	}
	for index := range pod.Spec.Volumes {
		source := &pod.Spec.Volumes[index].VolumeSource
		if *source == (corev1.VolumeSource{}) {
			source.EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	return pod, nil
}

func (o *oracle) levelNames() []string {
	names := make([]string, 0, len(levels))
	for _, level := range levels {
		names = append(names, string(level))
	}
	return names
}

func (o *oracle) versionNames() []string {
	names := make([]string, 0, len(o.versions))
	for _, version := range o.versions {
		names = append(names, strings.TrimPrefix(version.String(), "v"))
	}
	return names
}

func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of an unknown version"
	}
	for _, module := range info.Deps {
		if module.Path == modulePath {
			return module.Version
		}
	}
	return "of an unknown version"
}
