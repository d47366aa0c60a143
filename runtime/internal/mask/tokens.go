package mask

import "strings"

// provider is how somebody's credentials begin, and what follows at least.
type provider struct {
	name     string
	prefixes string // separated by spaces
	extra    string // what they may have beside letters and digits
	least    int    // how many characters follow
	shape    func(rest string) bool
}

// providers has the credentials that are known by how they begin, a line each. A
// prefix that says little needs more behind it, or a stricter shape.
var providers = []provider{
	{"1Password", "ops_eyJ", all, 40, varied},
	{"1Password secret key", "A3-", "-", 26, upper},
	{"Adafruit", "aio_", none, 20, mixed},
	{"Adobe", "p8e-", none, 20, varied},
	{"Adyen", "AQE", all, 80, mixed},
	{"age", "AGE-SECRET-KEY- AGE-PLUGIN-", none, 20, varied},
	{"Airtable", "pat", dotted, 70, mixed},
	{"Aiven", "AVNS_", urlish, 16, mixed},
	{"Akeyless", "p-", none, 40, mixed},
	{"Alibaba", "LTAI", none, 12, varied},
	{"Amazon", "AKIA ASIA ABIA ACCA AROA AIDA AGPA ANPA ANVA AIPA", none, 12, upper},
	{"Amazon AppSync", "da2-", none, 26, varied},
	{"Amazon Bedrock", "ABSK bedrock-api-key-", all, 40, varied},
	{"Amazon Marketplace", "amzn.mws. amzn.oa2-cs.v1.", urlish, 20, varied},
	{"Anthropic", "sk-ant-", urlish, 10, varied},
	{"Anyscale", "esecret_ aph0_", none, 20, varied},
	{"Artifactory", "AKCp cmVmdGtu", none, 30, varied},
	{"Atlassian", "ATATT3 ATCTT3 ATSTT3", all, 40, varied},
	{"Axiom", "xaat- xapt-", urlish, 36, uuidFirst},
	{"Bitbucket, Trello", "ATBB ATTA ATOA", none, 28, varied},
	{"Braintree", "access_token$production$ access_token$sandbox$", "$", 30, varied},
	{"Brevo", "xkeysib- xsmtpsib-", urlish, 20, varied},
	{"Browserbase", "bb_live_ bb_test_", urlish, 16, mixed},
	{"Buildkite", "bkua_ bkaj_ bkct_", urlish, 20, varied},
	{"CircleCI", "CCIPAT_ CCIPRJ_", "_", 20, varied},
	{"ClickHouse", "4b1d", none, 38, mixed},
	{"ClickUp", "pk_", "_", 40, digitFirst},
	{"Clojars", "CLOJARS_", none, 40, varied},
	{"Cloudflare", "v1.0- cfut_ cfat_", urlish, 40, varied},
	{"crates.io", "cio", none, 32, mixed},
	{"CockroachDB", "CCDB1_", "_", 20, varied},
	{"Contentful", "CFPAT-", urlish, 20, varied},
	{"Databricks", "dapi dkea dose", none, 32, varied},
	{"dbt", "dbtc_ dbtu_ dbtp_", urlish, 20, mixed},
	{"Defined Networking", "dnkey-", urlish, 40, varied},
	{"DigitalOcean", "dop_v1_ doo_v1_ dor_v1_", none, 20, varied},
	{"DigitalOcean Spaces", "DO00 DO801", none, 14, upper},
	{"Discord", "mfa.", urlish, 60, mixed},
	{"Docker", "dckr_pat_ dckr_oat_", urlish, 12, varied},
	{"Docker's config.json", "eyJhdXRocyI6", padded, 16, varied},
	{"Doppler", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", dotted, 20, varied},
	{"Dropbox", "sl.", urlish, 60, varied},
	{"Duffel", "duffel_live_ duffel_test_", urlish, 20, varied},
	{"Dynatrace", "dt0c01. dt0s01. dt0s16.", dotted, 20, varied},
	{"E2B", "e2b_", none, 40, varied},
	{"EasyPost", "EZAK EZTK", none, 40, varied},
	{"Elastic", "essu_", padded, 40, varied},
	{"Facebook", "EAACEdEose0cBA", none, 10, varied},
	{"Facebook, Square", "EAA", urlish, 50, mixed},
	{"Figma", "figd_ figo_", urlish, 20, varied},
	{"Firecrawl", "fc-", none, 32, mixed},
	{"Fireworks", "fw_", none, 20, mixed},
	{"Flutterwave", "FLWSECK", urlish, 12, varied},
	{"Fly.io", "fm1_ fm2_ fm1r_ fm1a_ fo1_", all + ",", 20, varied},
	{"Frame.io", "fio-u-", urlish, 40, varied},
	{"GitHub", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", dotted, 12, varied},
	{"GitLab", "glpat- glptt- gldt- glrt- glrtr- glcbt- glimt- glft- glagent- gloas- glsoat- glffct- GR1348941", dotted, 12, varied},
	{"Google", "AIza 1//0 4/0", urlish, 20, varied},
	{"Google OAuth", "ya29. GOCSPX-", dotted, 10, varied},
	{"Grafana", "glsa_ glc_ eyJrIjoi", "_+/=", 16, varied},
	{"Groq", "gsk_", none, 20, varied},
	{"Harness", "pat. sat.", dotted, 50, mixed},
	{"Heroku", "HRKU-", urlish, 20, varied},
	{"Honeybadger", "hbp_", none, 30, mixed},
	{"Honeycomb", "hcaik_ hcaic_ hcxik_ hcalk_", none, 20, varied},
	{"HubSpot", "pat-na1- pat-eu1-", urlish, 20, varied},
	{"Hugging Face", "hf_ api_org_", none, 20, mixed},
	{"Infracost", "ico-", none, 32, varied},
	{"Instagram", "IGQV IGAA", urlish, 60, mixed},
	{"Intercom", "dG9rO", padded, 30, varied},
	{"LangSmith", "lsv2_ ls__", "_", 20, varied},
	{"LaunchDarkly", "sdk- api- mob-", urlish, 36, uuidFirst},
	{"Linear", "lin_api_ lin_oauth_", none, 20, varied},
	{"Lob", "live_ test_", none, 32, mixed},
	{"Mailgun", "key- pubkey-", none, 32, varied},
	{"Mandrill", "md-", urlish, 20, mixed},
	{"Mapbox", "sk.eyJ tk.eyJ", dotted, 20, varied},
	{"MongoDB Atlas", "mdb_sa_sk_", urlish, 20, varied},
	{"Neon", "napi_", none, 40, varied},
	{"Neon's roles", "npg_", none, 10, mixed},
	{"Netlify", "nfp_ nfc_ nfo_", none, 20, varied},
	{"New Relic", "NRAK- NRAL- NRII- NRIQ- NRJS- NRSP- NRBR- NRAA-", urlish, 15, varied},
	{"Notion", "secret_ ntn_", none, 32, mixed},
	{"npm", "npm_ npms_", none, 20, mixed},
	{"NuGet", "oy2", none, 43, varied},
	{"Nvidia", "nvapi-", urlish, 20, varied},
	{"Octopus", "API-", none, 24, upper},
	{"Okta", "00", urlish, 40, oktaShape},
	{"OpenAI", "sk-proj- sk-svcacct- sk-admin-", urlish, 10, varied},
	{"OpenAI and its relatives", "sk- sk_ csk- sess-", urlish, 16, mixed},
	{"OpenShift", "sha256~", urlish, 20, varied},
	{"Paddle", "pdl_live_apikey_ pdl_sdbx_apikey_", "_", 20, varied},
	{"PASETO", "v1.local. v2.local. v3.local. v4.local. v1.public. v2.public. v3.public. v4.public.", dotted, 32, mixed},
	{"PayPal", "A21AA", urlish, 50, mixed},
	{"Perplexity", "pplx-", none, 20, varied},
	{"Pinecone", "pcsk_", "_", 20, varied},
	{"Plaid", "access-sandbox- access-development- access-production-", urlish, 20, varied},
	{"PlanetScale", "pscale_tkn_ pscale_pw_ pscale_oauth_", dotted, 20, varied},
	{"Portainer", "ptr_", padded, 30, mixed},
	{"PostHog", "phx_", none, 20, varied},
	{"Postman", "PMAK-", urlish, 20, varied},
	{"Prefect", "pnu_ pnb_", none, 20, varied},
	{"Pulumi", "pul-", none, 40, varied},
	{"PyPI", "pypi-Ag", urlish, 16, varied},
	{"Razorpay", "rzp_live_ rzp_test_", none, 10, varied},
	{"ReadMe", "rdme_", none, 40, varied},
	{"Render", "rnd_", none, 20, mixed},
	{"Replicate", "r8_", none, 30, varied},
	{"Resend", "re_", "_", 24, mixed},
	{"RubyGems", "rubygems_", none, 20, varied},
	{"Scalingo", "tk-us-", urlish, 40, varied},
	{"SendGrid", "SG.", dotted, 40, varied},
	{"Sentry", "sntrys_ sntryu_ sntrya_", all, 20, varied},
	{"SettleMint", "sm_pat_ sm_aat_ sm_sat_", none, 20, varied},
	{"Shippo", "shippo_live_ shippo_test_", none, 20, varied},
	{"Shopify", "shpat_ shpca_ shppa_ shpss_ shptka_ shprt_ shpua_", none, 12, varied},
	{"Slack", "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe.xox xoxo- xoxp- xoxr- xoxs- xapp- xwfp-", dotted + "%", 10, varied},
	{"SonarQube", "sqp_ squ_ sqa_", none, 20, varied},
	{"Sourcegraph", "sgp_ slk_ sgd_", "_", 20, varied},
	{"Square", "sq0atp- sq0csp- sq0idp-", urlish, 16, varied},
	{"Statsig, Stytch", "secret-", urlish, 32, mixed},
	{"Stripe", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ whsec_", padded, 10, varied},
	{"Supabase", "sbp_ sb_secret_ sba_", urlish, 16, varied},
	{"Svix", "testsk_ sk_svix_", urlish, 16, mixed},
	{"Tailscale", "tskey-", urlish, 12, varied},
	{"Tavily", "tvly-", urlish, 20, mixed},
	{"Tencent", "AKID", none, 28, varied},
	{"Together", "tgp_v1_", urlish, 20, varied},
	{"Twilio", "SK AC", none, 32, hexadecimal},
	{"Twitch", "oauth:", none, 28, varied},
	{"Twitter", "AAAAAAAAAAAAAAAAAAAAA", "%", 60, mixed},
	{"Typeform", "tfp_", urlish, 20, varied},
	{"Ubidots", "BBFF- BBUS-", none, 20, varied},
	{"Vault", "hvs. hvb. hvr. b.AAAAA", urlish, 12, varied},
	{"Vault, older ones", "s. r.", none, 24, mixed},
	{"Vercel", "vercel_ vcp_ vck_", none, 20, mixed},
	{"Weights & Biases", "wandb_v1_", "_", 20, varied},
	{"xAI", "xai-", none, 20, varied},
	{"Yandex", "AQVN y0_ YCA YCO", urlish, 30, mixed},
	{"Yandex IAM", "t1.", all, 80, varied},

	{"PEM in base64", "LS0tLS1CRUdJTi", padded, 16, varied},
	{"an RSA key", "MIIEowIBAAK MIIEpAIBAAK MIIEpQIBAAK MIIEogIBAAK MIIJKQIBAAK MIIJKAIBAAK MIIJKgIBAAK MIIJJwIBAAK MIICXAIBAAK MIICXQIBAAK MIICWwIBAAK MIICXgIBAAK", padded, 16, varied},
	{"a PKCS #8 key", "MIIEvQIBADAN MIIEvgIBADAN MIIEvwIBADAN MIIEvAIBADAN MIIJQgIBADAN MIIJQwIBADAN MIIJQQIBADAN MIIJRAIBADAN MC4CAQAwBQYDK2V", padded, 16, varied},
	{"an EC key", "MHcCAQEE MIGHAgEAM MIGkAgEBBD MIG2AgEAM MIHcAgEBBE", padded, 16, varied},
	{"an OpenSSH key", "b3BlbnNzaC1rZXktdjE", padded, 16, varied},
	{"a hashed password", "$2a$ $2b$ $2x$ $2y$ $1$ $5$ $6$ $7$ $y$ $gy$ $apr1$ $argon2 $pbkdf2 $scrypt$ pbkdf2_sha256$ {SSHA} {SHA}", "$./+=,-", 20, varied},
	{"a SCRAM verifier", "SCRAM-SHA-256$ SCRAM-SHA-512$", "$:+/=", 40, varied},
	{"a JSON web token", "eyJ", "-_.=", 16, jwt},
}

// infixes are how others are known, by what is somewhere in them; as many
// characters of all as least are in the whole.
var infixes = []struct {
	text  string
	least int
}{
	{".atlasv1.", 40},
	{"0Q~", 34},
	{"1Q~", 34},
	{"2Q~", 34},
	{"3Q~", 34},
	{"4Q~", 34},
	{"5Q~", 34},
	{"6Q~", 34},
	{"7Q~", 34},
	{"8Q~", 34},
	{"9Q~", 34},
	{"+ASt", 80},
	{"JQQJ99", 80},
	{"AZDO", 80},
	{"AzCa", 40},
	{"ACDb", 80},
	{"+ABa", 40},
	{"AzSe", 40},
	{"AzFu", 50},
	{"+AMC", 40},
	{"ACRD", 40},
	{"AIoT", 40},
	{"APIM", 80},
	{"AEhS", 40},
	{"+ASb", 40},
	{"+AEh", 40},
	{"_mmk", 38},
	{".acc_", 40},
	{".acc-", 40},
	{"T3BlbkFJ", 30},
	{"TaW5vcn", 60},
}

// token is one way for a provider's credentials to begin.
type token struct {
	*provider
	prefix string
}

// tokensBy has all of them by their first two bytes.
var tokensBy = func() (by [256]*[256][]token) {
	for i := range providers {
		for prefix := range strings.FieldsSeq(providers[i].prefixes) {
			if by[prefix[0]] == nil {
				by[prefix[0]] = &[256][]token{}
			}
			list := &by[prefix[0]][prefix[1]]
			*list = append(*list, token{&providers[i], prefix})
		}
	}
	return by
}()

// token notes the token that begins at i, if there is one, and returns its end;
// else i.
func (m *scanner) token(i int) int {
	const enough = 512 // of it tells what it is
	by := tokensBy[m.s[i]]
	if by == nil || i+1 == len(m.s) {
		return i
	}
	for _, t := range by[m.s[i+1]] {
		if !strings.HasPrefix(m.s[i:], t.prefix) {
			continue
		}
		from := i + len(t.prefix)
		to := from + runOf(m.s[from:min(len(m.s), from+enough)], t.extra)
		if rest := strings.TrimRight(m.s[from:to], ".,"); len(rest) < t.least || !t.shape(rest) {
			continue
		}
		to += runOf(m.s[to:], t.extra)
		to += runOf(m.s[to:], urlish)
		for to > from && (m.s[to-1] == '.' || m.s[to-1] == ',') {
			to--
		}
		m.add(i, to)
		if t.name == "Amazon" || t.name == "Twilio" {
			to = m.secretOfPair(to)
		}
		return to
	}
	return i
}

// secretOfPair notes the secret that stands right behind an access key.
func (m *scanner) secretOfPair(i int) int {
	from := i
	for from < len(m.s) && from < i+4 && strings.IndexByte(" :,/|;\t\n\"'", m.s[from]) >= 0 {
		from++
	}
	if to := from + runOf(m.s[from:], "+/"); from > i && (to-from == 40 && varied(m.s[from:to]) || to-from == 32 && hexadecimal(m.s[from:to])) {
		m.add(from, to)
		return to
	}
	return i
}

// long notes the token that is in the run of characters at i, if one of infixes
// is in it, and returns its end; else i.
func (m *scanner) long(i int) int {
	if i < m.run {
		return i
	}
	from := m.run
	m.run = i + runOf(m.s[i:], all)
	if m.run-i < 28 {
		return i
	}
	for from = max(from, m.end(), i-40); i > from && inToken[m.s[i-1]]; i-- {
	}
	whole := m.s[i:m.run]
	for _, x := range infixes {
		if len(whole) >= x.least && strings.Contains(whole, x.text) && transitions(whole) > len(whole)/5 && strings.Count(whole, "/") < 6 {
			m.add(i, m.run)
			return m.run
		}
	}
	switch length := len(whole); {
	case length == 40 && capital.in(whole) > 4 && lower.in(whole) > 4 && digit.in(whole) > 1 && transitions(whole) > 13 && !strings.ContainsAny(whole, ".~="):
		m.add(i, m.run) // an AWS secret, or a token of as many bytes as a SHA-1 has digits
		return m.run
	case prefixed(whole):
		m.add(i, m.run)
		return m.run
	case length == 88 && strings.HasSuffix(whole, "==") && transitions(whole) > 30:
		m.add(i, m.run) // Azure's, with 64 bytes
		return m.run
	case length == 52 && inBase32.only(whole) && transitions(whole) > 6:
		m.add(i, m.run) // Azure DevOps'
		return m.run
	}
	if parts := strings.Split(whole, "."); len(parts) == 3 && len(parts[0]) >= 23 && len(parts[0]) <= 30 && len(parts[1]) >= 5 && len(parts[1]) <= 7 && len(parts[2]) >= 27 && mixed(whole) {
		m.add(i, m.run) // a Discord bot's
		return m.run
	}
	if at := strings.LastIndex(whole, "-us"); at == 32 && hexadecimal(whole[:32]) && len(whole) <= 38 {
		m.add(i, m.run) // Mailchimp's
		return m.run
	}
	return i
}

// prefixed tells whether s is as somebody makes tokens who is not in the list: a
// word, and dice behind it. What is known by an id like that has fewer of them.
func prefixed(s string) bool {
	const least = 32
	at := strings.LastIndexAny(s, "-_")
	if at < 2 || len(s)-at <= least || !lower.only(strings.NewReplacer("_", "", "-", "").Replace(s[:at])) || isAlgorithm(s[:at]) {
		return false
	}
	rest := s[at+1:]
	return alphanumeric.only(rest) && digit.in(rest) > 1 && capital.in(rest) > 3 && lower.in(rest) > 3 && transitions(rest) > len(rest)/3
}

var inBase32 = setOf(lowers + "234567")

var inToken = setOf(lowers + uppers + digits + all)
