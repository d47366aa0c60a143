// Package house has no code. Its tests hold what is said of the repository as a whole:
// that links lead somewhere, that what pages show is run or compiled, that what users
// call is shown in an Example, that each place which has to know every event type does,
// and that releases and workflows fit the modules there are.
//
//	go test ./testdata/house
package house
