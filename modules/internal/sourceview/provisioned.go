// SPDX-License-Identifier: AGPL-3.0-or-later

package sourceview

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Provisioned says where a data source comes from that the API cannot change, and
// what has to be there. A nil wanted is one that should be gone.
func Provisioned(doing string, origin *grafana.ProvisionedSource, more string, wanted *grafana.Source) error {
	if origin == nil {
		text := doing + ": it comes from a provisioning file of Grafana" + more
		return fault.New(fault.Conflict, grafana.ProvisionedHint, "%s%s", text, instruction("under datasources of that file", fileEntry(wanted), wanted))
	}
	text := doing + ": it comes from " + origin.Object.String() + ", key " + origin.Key + "," + more
	switch release := origin.Object.Release; {
	case origin.Object.Ours():
		return fault.New(fault.Conflict, "use via: configmap, by which it was made", "%s", text)
	case release != "":
		return fault.New(fault.Conflict, "change the values of the Helm release "+release+" (grafana.additionalDataSources), or take it out there",
			"%s%s", text, instruction("under grafana.additionalDataSources in the values of "+release, plainForHelm(fileEntry(wanted)), wanted))
	}
	return fault.New(fault.Conflict, "change it there, or remove it there", "%s%s", text, instruction("under datasources of that key", fileEntry(wanted), wanted))
}

// instruction is the end of the message: Ansible prints no diff of a task that failed.
func instruction(where, entry string, wanted *grafana.Source) string {
	if wanted == nil {
		return ""
	}
	text := "; put this " + where + ", in place of the entry with its name"
	if len(redactedSecrets(*wanted)) > 0 {
		text += " and with its secrets in the place of " + secret.Hidden
	}
	return text + ":\n" + entry
}

// fileEntry is a data source as an entry of a provisioning file, with every dollar
// escaped that Grafana would expand. Secrets are left to whoever has them.
func fileEntry(wanted *grafana.Source) string {
	if wanted == nil {
		return ""
	}
	entry := *wanted
	entry.JSONData = redacted(jsondata.WithoutRecords(wanted.JSONData))
	entry.Secrets = redactedSecrets(*wanted)
	content, err := grafana.File{Sources: []grafana.Source{entry}}.Write()
	if err != nil {
		return err.Error()
	}
	_, entries, _ := strings.Cut(string(content), "datasources:\n")
	return entries
}

// File is a provisioning file behind a colon, ready to be put elsewhere: where it holds
// secrets it is shown without them, and says so.
func File(content []byte) string {
	file, err := grafana.ReadFile(content)
	hidden := false
	for i, source := range file.Sources {
		file.Sources[i].Secrets = redactedSecrets(source)
		hidden = hidden || len(file.Sources[i].Secrets) > 0
	}
	if err != nil || !hidden {
		return ":\n" + string(content)
	}
	shown, err := file.Write()
	if err != nil {
		return "" // what was read can be written
	}
	return ", with its secrets in the place of " + secret.Hidden + ":\n" + string(shown)
}

// redactedSecrets are the secrets of a data source, none of them told.
func redactedSecrets(source grafana.Source) map[string]secret.Text {
	names := map[string]secret.Text{}
	for _, name := range source.SecretsSet {
		names[name] = secret.NewText(secret.Hidden)
	}
	for name := range source.Secrets {
		names[name] = secret.NewText(secret.Hidden)
	}
	return names
}

// plainForHelm keeps Helm from taking braces for its own: the chart reads these
// values as a template (kube-prometheus-stack, templates/grafana/
// configmaps-datasources.yaml).
func plainForHelm(entry string) string { return strings.ReplaceAll(entry, "{{", `{{ "{{" }}`) }
