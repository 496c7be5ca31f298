// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/registry"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
)

// maxHistory is how many revisions the helm command keeps by default.
const maxHistory = 10

// container is Helm as one container runs it: its files below root, its cluster with the pod's own account.
type container struct {
	order    order
	root     string
	config   *action.Configuration
	settings *cli.EnvSettings
}

// inside is where a path of the container is on this machine.
func (c container) inside(parts ...string) string {
	return filepath.Join(append([]string{c.root}, parts...)...)
}

func (c container) Last() (*release.Release, error) {
	last, err := c.config.Releases.Last(c.order.release)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read release %s: %w", c.order.release, err)
	}
	return last, nil
}

func (c container) Install(ctx context.Context) error {
	install := action.NewInstall(c.config)
	install.ReleaseName, install.Namespace = c.order.release, c.order.namespace
	install.CreateNamespace, install.TakeOwnership = c.order.createNamespace, c.order.takeOwnership
	install.Timeout, install.Labels = c.order.timeout, c.order.labels()
	chart, vals, err := c.load(&install.ChartPathOptions)
	if err != nil {
		return err
	}
	if _, err := install.RunWithContext(ctx, chart, vals); err != nil {
		return fmt.Errorf("helm install %s: %w", c.order.release, err)
	}
	return nil
}

func (c container) Upgrade(ctx context.Context) error {
	upgrade := action.NewUpgrade(c.config)
	upgrade.Namespace, upgrade.TakeOwnership, upgrade.MaxHistory = c.order.namespace, c.order.takeOwnership, maxHistory
	upgrade.Timeout, upgrade.Labels = c.order.timeout, c.order.labels()
	chart, vals, err := c.load(&upgrade.ChartPathOptions)
	if err != nil {
		return err
	}
	if _, err := upgrade.RunWithContext(ctx, c.order.release, chart, vals); err != nil {
		return fmt.Errorf("helm upgrade %s: %w", c.order.release, err)
	}
	return nil
}

func (c container) Uninstall() error {
	uninstall := action.NewUninstall(c.config)
	uninstall.Wait, uninstall.Timeout = true, defaultTimeout
	if _, err := uninstall.Run(c.order.release); err != nil {
		return fmt.Errorf("helm uninstall %s: %w", c.order.release, err)
	}
	return nil
}

func (c container) MarkFailed(last *release.Release) error {
	last.SetStatus(release.StatusFailed, "interrupted")
	if err := c.config.Releases.Update(last); err != nil {
		return fmt.Errorf("helm set-status %s failed: %w", c.order.release, err)
	}
	return nil
}

// load finds the chart and merges the values: the files in /config in the order of their names, then --set and --set-string.
func (c container) load(options *action.ChartPathOptions) (*chart.Chart, map[string]any, error) {
	file, err := c.locate(options)
	if err != nil {
		return nil, nil, err
	}
	loaded, err := loader.Load(file)
	if err != nil {
		return nil, nil, fmt.Errorf("load chart %s: %w", c.order.chart, err)
	}
	if err := action.CheckDependencies(loaded, loaded.Metadata.Dependencies); err != nil {
		return nil, nil, fmt.Errorf("load chart %s: %w", c.order.chart, err)
	}
	files, err := filepath.Glob(c.inside("config", "*.yaml"))
	if err != nil {
		return nil, nil, fmt.Errorf("list the values files: %w", err)
	}
	slices.Sort(files)
	merge := values.Options{ValueFiles: files, Values: c.order.set, StringValues: c.order.setString}
	merged, err := merge.MergeValues(getter.All(c.settings))
	if err != nil {
		return nil, nil, fmt.Errorf("merge the values: %w", err)
	}
	return loaded, merged, nil
}

// locate returns the chart's file: first of all the content of the HelmChart itself, as in the container.
func (c container) locate(options *action.ChartPathOptions) (string, error) {
	options.Version, options.RepoURL = c.order.version, c.order.repo
	options.InsecureSkipTLSverify, options.PlainHTTP = c.order.insecure, c.order.plainHTTP
	if err := c.authenticate(options); err != nil {
		return "", err
	}
	encoded, err := os.ReadFile(c.inside("chart", c.order.release+".tgz.base64"))
	if err == nil {
		return c.decode(encoded)
	}
	name := c.order.chart
	if c.order.repo != "" {
		name = path.Base(name) // the controller writes NAME/CHART, where NAME is what the repository would be added as
	}
	file, err := options.LocateChart(name, c.settings)
	if err != nil {
		return "", fmt.Errorf("find chart %s: %w", c.order.chart, err)
	}
	return file, nil
}

func (c container) decode(encoded []byte) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(encoded)), ""))
	if err != nil {
		return "", fmt.Errorf("decode the chart's content: %w", err)
	}
	file := c.inside("tmp", c.order.release+".tgz")
	return file, writeFiles(c.root, map[string][]byte{"tmp/" + c.order.release + ".tgz": raw})
}

// authenticate sets the login and the CAs for the chart's source from the mounted files.
func (c container) authenticate(options *action.ChartPathOptions) error {
	user, password := c.text("auth", "username"), c.text("auth", "password")
	if user != "" && password != "" {
		options.Username, options.Password, options.PassCredentialsAll = user, password, c.order.passCredentials
	}
	if c.text("auth", "tls.crt") != "" && c.text("auth", "tls.key") != "" {
		options.CertFile, options.KeyFile = c.inside("auth", "tls.crt"), c.inside("auth", "tls.key")
	}
	authorities, err := c.authorities()
	if err != nil || len(authorities) == 0 {
		return err
	}
	options.CaFile = c.inside("tmp", "ca-file.pem")
	return writeFiles(c.root, map[string][]byte{"tmp/ca-file.pem": authorities})
}

func (c container) authorities() ([]byte, error) {
	files, err := filepath.Glob(c.inside("ca-files", "*"))
	if err != nil {
		return nil, fmt.Errorf("list the authorities: %w", err)
	}
	text := c.text("config", "ca-file.pem")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the authorities: %w", err)
		}
		text += "\n" + string(raw)
	}
	return []byte(text), nil
}

// text is the content of a mounted file; "" if it is not mounted.
func (c container) text(parts ...string) string {
	raw, err := os.ReadFile(c.inside(parts...))
	if err != nil {
		return ""
	}
	return string(raw)
}

func newRegistry(o order, configFile string) (*registry.Client, error) {
	options := []registry.ClientOption{registry.ClientOptCredentialsFile(configFile)}
	if o.plainHTTP {
		options = append(options, registry.ClientOptPlainHTTP())
	}
	client, err := registry.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("make a registry client: %w", err)
	}
	return client, nil
}
