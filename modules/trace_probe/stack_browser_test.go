// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// browser is one page of a headless Chromium, driven by the DevTools protocol.
type browser struct {
	t      *testing.T
	socket *websocket.Conn
	last   int
	// events are what the page did: requests, console lines, exceptions.
	events []event
}

type event struct {
	ID        int             `json:"id"`
	SessionID string          `json:"sessionId"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	Error     json.RawMessage `json:"error"`
}

// open starts Chromium (Debian package chromium) with an empty page as wide as
// a phone.
func open(t *testing.T) (*browser, string) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	require.NoError(t, err, "install the Debian package chromium")
	folder := t.TempDir()
	command := exec.Command(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
		"--disable-component-update", "--no-first-run", "--remote-debugging-port=0", "--user-data-dir="+folder, "about:blank")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // with its helpers, which are in its process group
		_ = command.Wait()
	})
	var place []byte
	require.Eventually(t, func() bool {
		place, err = os.ReadFile(filepath.Join(folder, "DevToolsActivePort"))
		return err == nil && strings.Count(string(place), "\n") > 0
	}, 60*time.Second, 100*time.Millisecond, "Chromium opens its port")
	port, secret, _ := strings.Cut(strings.TrimSpace(string(place)), "\n")
	socket, answer, err := websocket.DefaultDialer.Dial("ws://127.0.0.1:"+port+secret, nil)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	t.Cleanup(func() { _ = socket.Close() })
	b := &browser{t: t, socket: socket}
	return b, b.attach()
}

// attach opens a page and returns its session.
func (b *browser) attach() string {
	var target struct{ TargetID string }
	b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct{ SessionID string }
	b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	for _, domain := range []string{"Page", "Network", "Runtime", "Log"} {
		b.call(session.SessionID, domain+".enable", nil, nil)
	}
	return session.SessionID
}

// call sends a command and collects the events until its answer arrives.
func (b *browser) call(session, method string, params map[string]any, into any) {
	b.t.Helper()
	b.last++
	command := map[string]any{"id": b.last, "method": method, "params": params}
	if session != "" {
		command["sessionId"] = session
	}
	require.NoError(b.t, b.socket.WriteJSON(command))
	for {
		answer := b.read()
		if answer.ID != b.last {
			continue
		}
		require.Empty(b.t, string(answer.Error), method)
		if into != nil {
			require.NoError(b.t, json.Unmarshal(answer.Result, into))
		}
		return
	}
}

func (b *browser) read() event {
	b.t.Helper()
	require.NoError(b.t, b.socket.SetReadDeadline(time.Now().Add(30*time.Second)))
	var one event
	require.NoError(b.t, b.socket.ReadJSON(&one))
	if one.Method != "" {
		b.events = append(b.events, one)
	}
	return one
}

// visit opens an address, light or dark, and waits until it is loaded.
func (b *browser) visit(session, address, scheme string, width, height int) {
	b.t.Helper()
	b.call(session, "Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.call(session, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600}, nil)
	b.events = nil
	b.call(session, "Page.navigate", map[string]any{"url": address}, nil)
	for !b.saw("Page.loadEventFired") {
		b.read()
	}
}

func (b *browser) saw(method string) bool { return len(b.all(method)) > 0 }

func (b *browser) all(method string) []string {
	var found []string
	for _, one := range b.events {
		if one.Method == method {
			found = append(found, string(one.Params))
		}
	}
	return found
}

// value runs a JavaScript expression in the page.
func (b *browser) value(session, expression string, into any) {
	b.t.Helper()
	var answer struct {
		Result struct{ Value json.RawMessage }
	}
	b.call(session, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	require.NoError(b.t, json.Unmarshal(answer.Result.Value, into))
}

// picture saves a screenshot.
func (b *browser) picture(session, path string) {
	var shot struct{ Data string }
	b.call(session, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": os.Getenv("REPORT_WHOLE") != ""}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(path, data, 0o600))
}

// look is what the test checks on a page. Contrast is the lowest of all its
// texts, as defined by WCAG 2.2, which requires 4.5 (success criterion 1.4.3).
const look = `(() => {
	const channels = colour => colour.match(/[\d.]+/g).map(Number);
	const light = colour => channels(colour).slice(0, 3).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
		.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = element => {
		for (; element; element = element.parentElement) {
			const colour = getComputedStyle(element).backgroundColor;
			if (channels(colour)[3] !== 0) return colour;
		}
		return 'rgb(255, 255, 255)';
	};
	const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	const texts = [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()));
	const bars = [...document.querySelectorAll('.bar')];
	return {
		passed: document.querySelectorAll('ol.chain > li.passed').length,
		links: Object.fromEntries([...document.querySelectorAll('ol.chain > li')].map(e => [e.querySelector('h3').textContent, e.className])
			.filter(([title]) => /metrics|service graph/.test(title))),
		causes: [...document.querySelectorAll('ol.chain > li.failed .cause b')].filter(e => e.getBoundingClientRect().height > 0).map(e => e.textContent),
		bars: bars.length,
		hidden: bars.filter(b => b.getBoundingClientRect().width < 1 || b.getBoundingClientRect().height < 5).length,
		wide: document.documentElement.scrollWidth > window.innerWidth || texts.some(e => e.getBoundingClientRect().right > window.innerWidth),
		contrast: Math.min(...texts.map(e => contrast(light(getComputedStyle(e).color), light(behind(e))))),
		shine: Math.min(...bars.map(b => contrast(light(getComputedStyle(b).backgroundColor), light(getComputedStyle(b.parentElement).backgroundColor))), 21),
		paper: getComputedStyle(document.body).backgroundColor,
	};
})()`

func TestReportInABrowser(t *testing.T) {
	const toMetrics, edge, fromMetrics = "link from the span to metrics", "edge of the service graph", "link from metrics"
	const white, black = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
	cases := map[string]struct {
		reason        string
		faults        broken
		width, height int
		scheme, paper string
		passed, bars  int
		links         map[string]string // the class of each hop of metrics, by its title
		causes        []string          // of the hops that failed, only where metrics are
	}{
		"phone":           {"as narrow as they are", broken{}, 360, 740, "light", white, 12, 2, nil, nil},
		"phone, dark":     {"at night", broken{}, 360, 740, "dark", black, 12, 2, nil, nil},
		"phone, a break":  {"with the cause", broken{noHeaders: true}, 360, 740, "light", white, 11, 1, nil, nil},
		"dark, a break":   {"with the cause", broken{noHeaders: true}, 360, 740, "dark", black, 11, 1, nil, nil},
		"phone, a doubt":  {"an answer that is no page", broken{noPage: true}, 360, 740, "light", white, 11, 2, nil, nil},
		"dark, a doubt":   {"an answer that is no page", broken{noPage: true}, 360, 740, "dark", black, 11, 2, nil, nil},
		"long names":      {"they wrap", broken{wordy: true}, 320, 740, "light", white, 12, 2, nil, nil},
		"wide":            {"on a desk", broken{}, 1100, 900, "light", white, 12, 2, nil, nil},
		"nothing arrived": {"no trace to draw; Traefik, log and link do not need Tempo", broken{notReady: true}, 360, 740, "light", white, 3, 0, nil, nil},
		"metrics": {"their links are hops, too", broken{graph: &graph{}}, 360, 740, "light", white, 15, 2,
			map[string]string{toMetrics: "passed", edge: "passed", fromMetrics: "passed"}, nil},
		"metrics, breaks, dark": {"each with its own cause", broken{graph: &graph{none: []string{"traces_service_graph_request_total"}, label: "trace_id"}}, 320, 740, "dark", black, 13, 2,
			map[string]string{toMetrics: "passed", edge: "failed", fromMetrics: "failed"},
			[]string{"Tempo's metrics arrive, and none of this processor", "the link from exemplars is for a label under which Tempo's have no trace ID"}},
	}
	browser, session := open(t)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			browser.t = t
			file := filepath.Join(t.TempDir(), "report.html")
			newWorld(t, test.faults).task().With(map[string]any{"report": file, "wait_timeout": "2s"}).Apply(t)
			browser.visit(session, "file://"+file, test.scheme, test.width, test.height)
			requests := browser.all("Network.requestWillBeSent")
			require.NotEmpty(t, requests, "the page itself")
			for _, request := range requests {
				var sent struct{ Request struct{ URL string } }
				require.NoError(t, json.Unmarshal([]byte(request), &sent))
				require.True(t, sent.Request.URL == "file://"+file || strings.HasPrefix(sent.Request.URL, "data:"), "an outside request: %s", sent.Request.URL)
			}
			for _, complaint := range []string{"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"} {
				require.Empty(t, browser.all(complaint), complaint)
			}
			var seen struct {
				Passed, Bars, Hidden int
				Wide                 bool
				Contrast, Shine      float64
				Paper                string
				Links                map[string]string
				Causes               []string
			}
			browser.value(session, look, &seen)
			require.Equal(t, test.passed, seen.Passed, test.reason)
			require.Equal(t, test.bars, seen.Bars, test.reason)
			if test.faults.graph != nil {
				require.Equal(t, test.links, seen.Links, test.reason)
				require.ElementsMatch(t, test.causes, seen.Causes)
			}
			require.Zero(t, seen.Hidden, "every bar is visible")
			require.False(t, seen.Wide, "nothing sticks out to the side")
			require.Equal(t, test.paper, seen.Paper, "the scheme of the reader")
			require.GreaterOrEqual(t, seen.Contrast, 4.5, "every text can be read")
			require.GreaterOrEqual(t, seen.Shine, 3.0, "every bar stands out from its track (WCAG 2.2, 1.4.11)")
			if folder := os.Getenv("REPORT_PICTURES"); folder != "" {
				browser.picture(session, filepath.Join(folder, strings.NewReplacer(" ", "-", ",", "").Replace(name)+".png"))
			}
		})
	}
}
