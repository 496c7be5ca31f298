// SPDX-License-Identifier: AGPL-3.0-or-later

// Prometheus runs a Prometheus server without scraping, alerting and web pages: storage with exemplars, the query engine,
// and the HTTP API with the remote-write receiver.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/grafana/regexp"
	metrics "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// The flags have Prometheus' names and defaults, as far as they are here; another one ends the program, as there.
var (
	version  = flag.Bool("version", false, "print the version")
	file     = flag.String("config.file", "prometheus.yml", "configuration file")
	listen   = flag.String("web.listen-address", "0.0.0.0:9090", "where to listen")
	receive  = flag.Bool("web.enable-remote-write-receiver", false, "accept remote write at /api/v1/write")
	folder   = flag.String("storage.tsdb.path", "data/", "folder of the storage")
	features = flag.String("enable-feature", "", "features, separated by commas; exemplar-storage is known")
)

func main() {
	flag.Parse()
	if *version {
		fmt.Printf("prometheus, version %s (branch: HEAD, revision: unknown)\n", release())
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// release is Prometheus' own version: as a Go module 3.3.0 is v0.303.0.
func release() string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		var minor, patch int
		if _, err := fmt.Sscanf(dependency.Version, "v0.3%d.%d", &minor, &patch); err == nil && dependency.Path == "github.com/prometheus/prometheus" {
			return fmt.Sprintf("3.%d.%d", minor, patch)
		}
	}
	return "unknown"
}

// run serves until it is told to stop. Nothing listens before the storage is open, so that what answers is ready.
func run(ctx context.Context, log *slog.Logger) error {
	settings, err := config.LoadFile(*file, false, log)
	if err != nil {
		return fmt.Errorf("error loading config from %q: %w", *file, err)
	}
	if len(settings.ScrapeConfigs)+len(settings.RuleFiles)+len(settings.AlertingConfig.AlertmanagerConfigs)+len(settings.RemoteWriteConfigs) > 0 {
		return errors.New("the lab's build of Prometheus takes metrics by remote write alone: it scrapes nothing, and has no rules")
	}
	db, err := open(settings, log)
	if err != nil {
		return fmt.Errorf("opening storage failed: %w", err)
	}
	server := http.Server{Addr: *listen, Handler: handler(api(settings, db, log)), ReadHeaderTimeout: time.Minute}
	closed := context.AfterFunc(ctx, func() { _ = server.Shutdown(context.WithoutCancel(ctx)) })
	defer closed()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, db.Close())
	}
	return db.Close()
}

func open(settings *config.Config, log *slog.Logger) (*tsdb.DB, error) {
	options := tsdb.DefaultOptions()
	options.EnableExemplarStorage = strings.Contains(*features, "exemplar-storage")
	options.MaxExemplars = cmp.Or(settings.StorageConfig.ExemplarsConfig, &config.DefaultExemplarsConfig).MaxExemplars
	if own := settings.StorageConfig.TSDBConfig; own != nil {
		options.OutOfOrderTimeWindow = own.OutOfOrderTimeWindow
	}
	return tsdb.Open(*folder, log, nil, options, nil)
}

// api is Prometheus' own, with the limits that Prometheus has by default.
func api(settings *config.Config, db *tsdb.DB, log *slog.Logger) *v1.API {
	engine := promql.NewEngine(promql.EngineOpts{
		Logger: log, MaxSamples: 50_000_000, Timeout: 2 * time.Minute, LookbackDelta: 5 * time.Minute, EnableAtModifier: true, EnableNegativeOffset: true,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Duration(settings.GlobalConfig.EvaluationInterval).Milliseconds() },
	})
	flags := map[string]string{}
	flag.VisitAll(func(one *flag.Flag) { flags[one.Name] = one.Value.String() })
	registry := metrics.NewRegistry()
	return v1.NewAPI(
		engine, db, db, db,
		func(context.Context) v1.ScrapePoolsRetriever { return none{} },
		func(context.Context) v1.TargetRetriever { return none{} },
		func(context.Context) v1.AlertmanagerRetriever { return none{} },
		func() config.Config { return *settings },
		flags, v1.GlobalURLOptions{ListenAddress: *listen, Host: *listen, Scheme: "http"},
		func(handle http.HandlerFunc) http.HandlerFunc { return handle },
		statistics{db}, *folder, false, log,
		func(context.Context) v1.RulesRetriever { return none{} },
		5e7, 10, 1<<20, false, regexp.MustCompile(".*"),
		func() (v1.RuntimeInfo, error) { return v1.RuntimeInfo{ReloadConfigSuccess: true}, nil },
		&v1.PrometheusVersion{Version: release(), Branch: "HEAD"},
		nil, nil, registry, registry, nil,
		*receive, []config.RemoteWriteProtoMsg{config.RemoteWriteProtoMsgV1, config.RemoteWriteProtoMsgV2}, false, false, false,
	)
}

func handler(api *v1.API) http.Handler {
	routes := route.New()
	for path, says := range map[string]string{"/-/ready": "Prometheus Server is Ready.\n", "/-/healthy": "Prometheus Server is Healthy.\n"} {
		routes.Get(path, func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write([]byte(says)) })
	}
	api.Register(routes.WithPrefix("/api/v1"))
	return routes
}
