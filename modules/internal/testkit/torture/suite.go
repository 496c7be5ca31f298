// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// Server is a server behind a proxy that a test controls.
type Server interface {
	Handle(handle testkit.Handle)
}

// Scene is a task with everything still to do, and servers that nothing else uses.
type Scene struct {
	Task testkit.Task
	// Short are options that soon end a wait for what a broken request lost.
	Short map[string]any
	// Servers by their names in the table.
	Servers map[string]Server
	// Names are those that only this scene has.
	Names []string
	// Dies makes what a run left look as if its process had ended, which here goes on;
	// nil where nothing shows that.
	Dies func(t *testing.T)
	// Command is what the next run's hint names where a record could not be written at
	// all, or its run was killed, and only the user knows whether somebody still works on
	// it; "" is none.
	Command string
	// Reads says that the task only reads.
	Reads bool
}

// leftToTheUser reports whether a run failed with the hint that names the command.
func (s Scene) leftToTheUser(result wire.Result) bool {
	hint, _ := result["hint"].(string)
	return result.Failed() && s.Command != "" && strings.Contains(hint, s.Command)
}

// Suite breaks the requests of one kind of task.
type Suite struct {
	// Name is the row of the table: the module, and what it does.
	Name string
	// New makes a scene for one fault.
	New func(t *testing.T) Scene
}

// few is how many cases of a suite the short form tries.
const few = 5

// All reports whether every request is broken in every way, once and always,
// which takes most of an hour: TORTURE=all. A number means that many cases of each suite,
// none a few, so drawn that all suites together cover each way.
func All() bool { return os.Getenv("TORTURE") == "all" }

// Long reports whether TORTURE asks for more than the short form.
func Long() bool { return os.Getenv("TORTURE") != "" }

func wanted(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TORTURE")
	if text == "" {
		return few
	}
	count, err := strconv.Atoi(text)
	require.NoError(t, err, "TORTURE is a number, or all")
	return count
}

// Seed is the seed of a test's random choices: TORTURE_SEED, else 1. The test
// prints it.
func Seed(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(1)
	if text := os.Getenv("TORTURE_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("TORTURE_SEED=%d", seed)
	return seed
}

// Run finds out which requests a run makes, and breaks them. A request that no
// case of the table has broken fails the test.
func (s Suite) Run(t *testing.T) {
	table := newTable(s.Name)
	t.Cleanup(func() {
		table.write(t)
		for _, row := range table.unbroken() {
			t.Errorf("%s: no case broke the request %q: the runs ended before it, or make it only by chance", s.Name, row)
		}
	})
	for _, one := range s.cases(t, s.points(t), Seed(t)) {
		t.Run(one.String(), func(t *testing.T) {
			t.Parallel()
			came := wrong
			defer func() { table.note(one.at, one.fault.name, came) }()
			came = s.one(t, one)
		})
	}
}

// trial is a request and how it is broken.
type trial struct {
	at    point
	fault fault
	// always breaks the same request every time from then on.
	always bool
}

func (one trial) String() string {
	often := "once"
	if one.always {
		often = "always"
	}
	return fmt.Sprintf("%s %s (%d), %s, %s", one.at.server, one.at.request, one.at.time, one.fault.name, often)
}

// cases are all pairs of a point and a fault, or a selection that depends on the
// suite's name and the seed.
func (s Suite) cases(t *testing.T, points []point, seed uint64) []trial {
	t.Helper()
	var all []trial
	for _, at := range points {
		for _, broken := range faults {
			all = append(all, trial{at, broken, false}, trial{at, broken, true})
		}
	}
	if All() {
		return all
	}
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, s.Name)
	dice := rand.New(rand.NewPCG(seed, hash.Sum64())) //nolint:gosec // it has to be reproducible
	dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(wanted(t), len(all))]
}

// renewal is a request that only a run makes which takes long enough.
var renewal = regexp.MustCompile(`^PUT /apis/coordination\.k8s\.io/\S+/leases/`)

// points are the requests of an undisturbed run. The short form has each once,
// however often a run repeats it.
func (s Suite) points(t *testing.T) []point {
	t.Helper()
	scene := s.New(t)
	watch := watching(scene)
	scene.ends(t, scene.Task.Apply(t), true)
	var points []point
	for _, at := range watch.order {
		if renewal.MatchString(at.request) {
			continue
		}
		if at.time == 1 || Long() && at.time <= 3 {
			points = append(points, at)
		}
	}
	require.NotEmpty(t, points)
	return points
}
